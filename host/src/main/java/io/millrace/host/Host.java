package io.millrace.host;

/// What a node runs on. Code of the broker reaches time, randomness, threads, files and sockets
/// only through this, so that a simulated host can run a whole cluster from one seed.
///
/// What else keeps a run deterministic: every wait with a limit goes through [Clock]; locks come
/// from `java.util.concurrent` and never `synchronized` around anything that can park; nothing
/// iterates over `Set.of`/`Map.of` or over hash collections of identity-hashed keys (enums
/// included); no common pool.
public interface Host {
  Clock clock();

  Entropy entropy();

  Tasks tasks();

  Disk disk();

  Net net();
}
