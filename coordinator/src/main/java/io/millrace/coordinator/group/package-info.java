/// Consumer groups and their offsets: the machine [io.millrace.coordinator.group.GroupMachine] over
/// `__consumer_offsets`.
@NullMarked
package io.millrace.coordinator.group;

import org.jspecify.annotations.NullMarked;
