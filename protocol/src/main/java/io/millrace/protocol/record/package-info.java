/// Record batches (format v2): read in place, checked, built and recompressed.
///
/// Start with [BatchCursor], which reads batches where they lie, and [BatchValidator], which
/// decides whether what a producer sent may be appended.
@NullMarked
package io.millrace.protocol.record;

import org.jspecify.annotations.NullMarked;
