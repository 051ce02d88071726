/// The five doors through which a node touches the world: [io.millrace.host.Clock],
/// [io.millrace.host.Entropy], [io.millrace.host.Tasks], [io.millrace.host.Disk] and
/// [io.millrace.host.Net], gathered in a [io.millrace.host.Host]. Production opens them to the JDK
/// (`io.millrace.host.jdk`), the simulator to a model in which one seed replays everything.
@NullMarked
package io.millrace.host;

import org.jspecify.annotations.NullMarked;
