/// Partition logs on disk, in Kafka's layout and formats: segments and their indexes, appends and
/// reads, group commit, producer state, retention and recovery. [io.millrace.storage.LogDirectory]
/// is the way in.
@NullMarked
package io.millrace.storage;

import org.jspecify.annotations.NullMarked;
