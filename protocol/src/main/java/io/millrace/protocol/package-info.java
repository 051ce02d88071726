/// The Kafka protocol: messages generated from its official schemas, API keys and error codes, and
/// the readers and writers of its primitive types. Record batches are in
/// `io.millrace.protocol.record`.
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
