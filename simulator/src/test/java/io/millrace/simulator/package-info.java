@NullMarked
package io.millrace.simulator;

import org.jspecify.annotations.NullMarked;
