package io.millrace.broker.config;

import io.millrace.host.Net.Endpoint;
import io.millrace.metadata.config.InvalidConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads `listeners`, `advertised.listeners` and what belongs to them.
///
/// Listeners of the controller (`controller.listener.names`) are left out: it lives in the same
/// process. Every other has to be plaintext in this version.
final class ListenerParser {
  private static final int MAX_PORT = 65_535;
  private static final String LISTENERS = "listeners";
  private static final String ADVERTISED = "advertised.listeners";

  private final ServerProperties properties;
  private final Machine machine;
  private final List<String> controllerNames;

  ListenerParser(ServerProperties properties, Machine machine) {
    this.properties = properties;
    this.machine = machine;
    this.controllerNames = properties.config().list("controller.listener.names");
  }

  List<Listener> parse() {
    SortedMap<String, Endpoint> binds = parse(LISTENERS);
    SortedMap<String, Endpoint> advertised = parse(ADVERTISED);
    for (String name : advertised.keySet()) {
      if (!binds.containsKey(name)) {
        throw properties.complaint(
            ADVERTISED, "names listener " + name + ", which setting listeners does not have");
      }
    }
    List<Listener> listeners = new ArrayList<>();
    binds.forEach(
        (name, bind) -> {
          checkPlaintext(name);
          listeners.add(new Listener(name, bind, advertisedFor(bind, advertised.get(name))));
        });
    if (listeners.isEmpty()) {
      throw properties.complaint(LISTENERS, "has no address for clients");
    }
    return List.copyOf(listeners);
  }

  private Endpoint advertisedFor(Endpoint bind, @Nullable Endpoint advertised) {
    if (advertised != null) {
      return advertised;
    }
    return switch (bind.host()) {
      case "" -> new Endpoint(machine.hostName().get(), bind.port());
      case "0.0.0.0", "::", "0:0:0:0:0:0:0:0" ->
          throw properties.complaint(
              LISTENERS,
              "is no address that clients could connect to. Set advertised.listeners to the one"
                  + " they should use");
      default -> bind;
    };
  }

  /// Reads a list of `name://host:port`, without the controller's. Ordered by name.
  private SortedMap<String, Endpoint> parse(String setting) {
    TreeMap<String, Endpoint> endpoints = new TreeMap<>();
    for (String text : properties.config().list(setting)) {
      int colon = text.indexOf("://");
      if (colon <= 0) {
        throw properties.complaint(
            setting, "must be addresses as PLAINTEXT://host:port, separated by commas");
      }
      String name = text.substring(0, colon).toUpperCase(Locale.ROOT);
      Endpoint endpoint = parseAddress(setting, text.substring(colon + 3));
      if (controllerNames.contains(name)) {
        continue;
      }
      if (endpoints.put(name, endpoint) != null) {
        throw properties.complaint(setting, "has two addresses named " + name);
      }
    }
    return endpoints;
  }

  private Endpoint parseAddress(String setting, String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? address : address.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = -1;
    try {
      port = Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw badPort(setting, address);
    }
    if (colon < 0 || port < 0 || port > MAX_PORT) {
      throw badPort(setting, address);
    }
    return new Endpoint(host, port);
  }

  private InvalidConfigException badPort(String setting, String address) {
    return properties.complaint(
        setting,
        "must end in a port from 0 (any free one) to " + MAX_PORT + ", but has '" + address + "'");
  }

  private void checkPlaintext(String name) {
    String protocol = name;
    for (String pair :
        properties.config().string("listener.security.protocol.map").split(",", -1)) {
      int colon = pair.indexOf(':');
      if (colon > 0 && pair.substring(0, colon).strip().equalsIgnoreCase(name)) {
        protocol = pair.substring(colon + 1).strip().toUpperCase(Locale.ROOT);
      }
    }
    switch (protocol) {
      case "PLAINTEXT" -> {}
      case "SSL", "SASL_PLAINTEXT", "SASL_SSL" ->
          throw properties.complaint(
              LISTENERS,
              "needs protocol " + protocol + " for " + name + ": this version has only PLAINTEXT");
      default ->
          throw properties.complaint(
              LISTENERS,
              "has a listener "
                  + name
                  + " of no known protocol. Name it PLAINTEXT, or map it in"
                  + " listener.security.protocol.map as "
                  + name
                  + ":PLAINTEXT");
    }
  }
}
