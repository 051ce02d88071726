/// Where log lines go: a small SLF4J backend that writes one line per fact to standard error. It
/// exists because logging with timestamps through slf4j-simple cost 30 to 40 ms of every start.
@NullMarked
package io.millrace.cli.log;

import org.jspecify.annotations.NullMarked;
