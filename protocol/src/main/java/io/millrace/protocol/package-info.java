/// The Kafka protocol: the readers and writers of its primitive types, and what messages and record
/// batches share. Messages, API keys and error codes are generated, from Kafka's official schemas,
/// into `io.millrace.protocol.message`; record batches are in `io.millrace.protocol.record`.
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
