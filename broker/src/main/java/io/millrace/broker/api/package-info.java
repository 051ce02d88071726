/// One handler class per API of the protocol, and the registry that dispatches to them. A handler
/// reads top-down: validate, call, answer.
@NullMarked
package io.millrace.broker.api;

import org.jspecify.annotations.NullMarked;
