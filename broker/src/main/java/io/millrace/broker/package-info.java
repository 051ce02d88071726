/// The broker process: [io.millrace.broker.BrokerServer] wires listeners (`net`), one handler per
/// API (`api`), metadata and storage together.
@NullMarked
package io.millrace.broker;

import org.jspecify.annotations.NullMarked;
