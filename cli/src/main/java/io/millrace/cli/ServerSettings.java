package io.millrace.cli;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.Machine;
import io.millrace.broker.config.ServerProperties;
import io.millrace.metadata.config.InvalidConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a server's settings together from the file, the command line and the environment.
///
/// The data directory is the first given of `--data`, `log.dirs` and `log.dir` (by `--set` or in
/// the file), the environment variable `MILLRACE_DATA`, and `millrace-data` in the current
/// directory.
final class ServerSettings {
  private static final Logger LOG = LoggerFactory.getLogger(ServerSettings.class);
  private static final String DEFAULT_DIRECTORY = "millrace-data";

  /// Set by `bin/millrace` to what it passes as MaxDirectMemorySize, in MB.
  private static final String DIRECT_MEMORY = "millrace.direct.megabytes";

  private ServerSettings() {}

  static BrokerConfig read(ServerOptions options) {
    ServerProperties.Builder builder = ServerProperties.builder();
    if (options.config() != null) {
      builder.addFile(options.config(), text(options.config()));
    }
    options.settings().forEach(builder::set);
    if (options.data() != null) {
      builder.remove("log.dir").put("log.dirs", absolute(options.data()), "--data");
    } else if (!builder.hasAny("log.dirs", "log.dir")) {
      String fallback = System.getenv("MILLRACE_DATA");
      if (fallback == null || fallback.isEmpty()) {
        builder.put("log.dirs", absolute(DEFAULT_DIRECTORY), "the default");
      } else {
        builder.put("log.dirs", absolute(fallback), "MILLRACE_DATA");
      }
    }
    ServerProperties properties = builder.build();
    List<String> unused = properties.namesWithoutEffect();
    if (!unused.isEmpty()) {
      LOG.info("Settings known but without effect in this version: {}", String.join(", ", unused));
    }
    return BrokerConfig.of(properties, machine());
  }

  private static String text(String file) {
    try {
      return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.UTF_8);
    } catch (IOException | InvalidPathException e) {
      throw new InvalidConfigException(
          "cannot read the configuration file " + file + ": " + StartFailure.reason(e));
    }
  }

  private static String absolute(String directory) {
    try {
      return Path.of(directory).toAbsolutePath().normalize().toString();
    } catch (InvalidPathException e) {
      throw new InvalidConfigException("'" + directory + "' is not a path: " + e.getReason());
    }
  }

  private static Machine machine() {
    Long megabytes = Long.getLong(DIRECT_MEMORY);
    long bytes = megabytes == null ? Runtime.getRuntime().maxMemory() : megabytes << 20;
    return new Machine(ServerSettings::hostName, bytes);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      throw new InvalidConfigException(
          "the name of this machine does not resolve ("
              + e.getMessage()
              + "). Set advertised.listeners to the address that clients should use");
    }
  }
}
