/// Unmodified Kafka clients and tools, and kcat, against a broker that runs as users run it.
@NullMarked
package io.millrace.interop;

import org.jspecify.annotations.NullMarked;
