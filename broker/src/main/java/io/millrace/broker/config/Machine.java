package io.millrace.broker.config;

/// What defaults depend on that is not a setting.
///
/// @param hostName the name of this machine, for listeners on all interfaces
/// @param bufferBytes how much memory outside the heap there is for buffers
public record Machine(String hostName, long bufferBytes) {}
