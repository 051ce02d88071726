/// Benchmarks beside Apache Kafka, and the processes (brokers, clients, tools) that they and the
/// interop tests start.
@NullMarked
package io.millrace.bench;

import org.jspecify.annotations.NullMarked;
