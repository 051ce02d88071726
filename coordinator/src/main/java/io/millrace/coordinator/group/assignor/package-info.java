/// Who of a group reads which partitions: assignors, which are pure functions.
@NullMarked
package io.millrace.coordinator.group.assignor;

import org.jspecify.annotations.NullMarked;
