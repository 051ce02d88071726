package io.millrace.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The command line of `millrace server`.
///
/// `heap` was dealt with by `bin/millrace` before the JVM started.
record ServerOptions(
    @Nullable String config, @Nullable String data, List<String> settings, @Nullable String heap) {

  ServerOptions {
    settings = List.copyOf(settings);
  }

  /// Reads a good command line: `server`, then options as `--name value` or `--name=value`, each
  /// but `--set` at most once. Empty for anything else, which is picocli's to answer.
  static Optional<ServerOptions> parse(List<String> args) {
    if (args.isEmpty() || !args.getFirst().equals("server")) {
      return Optional.empty();
    }
    String config = null;
    String data = null;
    String heap = null;
    List<String> settings = new ArrayList<>();
    for (int i = 1; i < args.size(); i++) {
      String arg = args.get(i);
      int equals = arg.indexOf('=');
      String name = equals < 0 ? arg : arg.substring(0, equals);
      if (equals < 0 && ++i == args.size()) {
        return Optional.empty();
      }
      String value = equals < 0 ? args.get(i) : arg.substring(equals + 1);
      if (value.startsWith("-")) {
        return Optional.empty(); // more likely a forgotten value than a value
      }
      switch (name) {
        case "--set" -> settings.add(value);
        case "--config" -> {
          if (config != null) {
            return Optional.empty();
          }
          config = value;
        }
        case "--data" -> {
          if (data != null) {
            return Optional.empty();
          }
          data = value;
        }
        case "--heap" -> {
          if (heap != null) {
            return Optional.empty();
          }
          heap = value;
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.of(new ServerOptions(config, data, settings, heap));
  }
}
