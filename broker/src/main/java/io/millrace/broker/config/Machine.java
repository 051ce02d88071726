package io.millrace.broker.config;

import java.util.function.Supplier;

/// What defaults depend on that is not a setting.
///
/// @param hostName the name of this machine, for listeners on all interfaces; asked only if needed,
///   since it may take a look-up
/// @param bufferBytes how much memory outside the heap there is for buffers
public record Machine(Supplier<String> hostName, long bufferBytes) {}
