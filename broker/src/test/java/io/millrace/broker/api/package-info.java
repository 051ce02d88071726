@NullMarked
package io.millrace.broker.api;

import org.jspecify.annotations.NullMarked;
