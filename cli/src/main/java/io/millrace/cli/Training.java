package io.millrace.cli;

/// A short run of the server from which the JVM learns, for the AOT cache, which classes a start
/// needs and which methods are hot. Started by `bin/millrace aot-cache`.
final class Training {
  private Training() {}

  /// Argument: a data directory that does not exist yet.
  public static void main(String[] args) throws Exception {
    System.exit(0);
  }
}
