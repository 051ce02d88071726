@NullMarked
package io.millrace.coordinator.group.assignor;

import org.jspecify.annotations.NullMarked;
