/// Listeners and connections: frames in, frames out, in order and within bounds. Nothing here knows
/// what a request means; that is `io.millrace.broker.api`.
@NullMarked
package io.millrace.broker.net;

import org.jspecify.annotations.NullMarked;
