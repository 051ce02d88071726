/// The five doors opened to a model: any number of nodes whose tasks all run on one thread, chosen
/// by a seeded scheduler, with simulated time, files and network. Start at
/// [io.millrace.simulator.Simulation].
@NullMarked
package io.millrace.simulator;

import org.jspecify.annotations.NullMarked;
