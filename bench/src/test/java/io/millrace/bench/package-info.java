/// Tests of what is pure in the benchmarks.
@NullMarked
package io.millrace.bench;

import org.jspecify.annotations.NullMarked;
