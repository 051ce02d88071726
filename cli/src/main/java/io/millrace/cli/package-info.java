/// The `millrace` command. Start at [io.millrace.cli.Millrace].
@NullMarked
package io.millrace.cli;

import org.jspecify.annotations.NullMarked;
