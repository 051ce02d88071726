@NullMarked
package io.millrace.coordinator.group;

import org.jspecify.annotations.NullMarked;
