@NullMarked
package io.millrace.broker.net;

import org.jspecify.annotations.NullMarked;
