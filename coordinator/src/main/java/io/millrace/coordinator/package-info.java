/// Groups and transactions: state machines ([io.millrace.coordinator.Machine]) on one runtime
/// ([io.millrace.coordinator.Coordinator]) whose shards keep what they decide in the partitions of
/// an internal topic.
@NullMarked
package io.millrace.coordinator;

import org.jspecify.annotations.NullMarked;
