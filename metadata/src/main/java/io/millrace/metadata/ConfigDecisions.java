package io.millrace.metadata;

import io.millrace.metadata.Command.ConfigChange;
import io.millrace.metadata.Command.ConfigOutcome;
import io.millrace.metadata.Command.Edit;
import io.millrace.metadata.Command.EditKind;
import io.millrace.metadata.Command.NewConfig;
import io.millrace.metadata.Command.Setting;
import io.millrace.metadata.config.BrokerConfigs;
import io.millrace.metadata.config.Config;
import io.millrace.metadata.config.ConfigKey;
import io.millrace.metadata.config.ConfigTable;
import io.millrace.metadata.config.ConfigType;
import io.millrace.metadata.config.InvalidConfigException;
import io.millrace.metadata.config.OtherConfigs;
import io.millrace.metadata.config.TopicConfigs;
import io.millrace.metadata.config.UpdateMode;
import io.millrace.metadata.record.MetadataRecord;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Decides about changes of settings. Only settings that are known are taken, and none that would
/// make a broker load a class, open a file or run a program that a client named: those are for
/// `server.properties`.
final class ConfigDecisions {
  private final Config started;

  ConfigDecisions(Config started) {
    this.started = started;
  }

  Decision<List<ConfigOutcome>> replace(ClusterImage image, Command.AlterConfigs command) {
    List<ConfigChange> changes = new ArrayList<>();
    for (NewConfig wanted : command.resources()) {
      List<Edit> edits = new ArrayList<>();
      Set<String> kept = new HashSet<>();
      for (Setting setting : wanted.settings()) {
        edits.add(new Edit(setting.name(), EditKind.SET, setting.value()));
        kept.add(setting.name());
      }
      for (String name : image.config(wanted.resource()).keySet()) {
        if (!kept.contains(name)) {
          edits.add(new Edit(name, EditKind.DELETE, null));
        }
      }
      changes.add(new ConfigChange(wanted.resource(), edits));
    }
    return decide(image, changes, command.validateOnly());
  }

  Decision<List<ConfigOutcome>> change(
      ClusterImage image, Command.IncrementalAlterConfigs command) {
    return decide(image, command.resources(), command.validateOnly());
  }

  private Decision<List<ConfigOutcome>> decide(
      ClusterImage image, List<ConfigChange> changes, boolean validateOnly) {
    List<MetadataRecord> records = new ArrayList<>();
    List<ConfigOutcome> answers = new ArrayList<>();
    Set<ConfigResource> seen = new HashSet<>();
    Set<ConfigResource> twice = new TreeSet<>();
    for (ConfigChange change : changes) {
      if (!seen.add(change.resource())) {
        twice.add(change.resource());
      }
    }
    for (ConfigResource resource : twice) {
      answers.add(
          new ConfigOutcome(
              resource, invalidRequest("The request names " + resource + " more than once")));
    }
    for (ConfigChange change : changes) {
      if (!twice.contains(change.resource())) {
        answers.add(new ConfigOutcome(change.resource(), decide(image, change, records)));
      }
    }
    return new Decision<>(validateOnly ? List.of() : records, answers);
  }

  private Outcome decide(ClusterImage image, ConfigChange change, List<MetadataRecord> records) {
    ConfigResource resource = change.resource();
    Outcome outcome = checkResource(image, resource);
    if (!outcome.isDone()) {
      return outcome;
    }
    SortedMap<String, String> before = image.config(resource);
    SortedMap<String, String> after = new TreeMap<>(before);
    Set<String> names = new HashSet<>();
    for (Edit edit : change.edits()) {
      if (!names.add(edit.name())) {
        return invalidRequest("The request changes " + edit.name() + " more than once");
      }
      outcome = apply(edit, resource, after);
      if (!outcome.isDone()) {
        return outcome;
      }
    }
    outcome = checkSettings(image, resource, before, after);
    if (outcome.isDone()) {
      write(resource, before, after, records);
    }
    return outcome;
  }

  private static Outcome checkResource(ClusterImage image, ConfigResource resource) {
    return switch (resource.type()) {
      case TOPIC ->
          image.topic(resource.name()).isPresent()
              ? Outcome.DONE
              : Outcome.failed(
                  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                  "There is no topic '" + resource.name() + "'");
      case BROKER -> checkBroker(image, resource.name());
      case GROUP, CLIENT_METRICS ->
          resource.name().isEmpty()
              ? invalidRequest("The name of the resource must not be empty")
              : Outcome.DONE;
      case BROKER_LOGGER ->
          invalidRequest("Log levels belong to one broker and are not kept by the cluster");
    };
  }

  private static Outcome checkBroker(ClusterImage image, String name) {
    if (name.isEmpty()) {
      return Outcome.DONE;
    }
    try {
      return image.broker(Integer.parseInt(name)).isPresent()
          ? Outcome.DONE
          : invalidRequest("Broker " + name + " is not registered");
    } catch (NumberFormatException e) {
      return invalidRequest("'" + name + "' is not the number of a broker");
    }
  }

  private static Outcome apply(
      Edit edit, ConfigResource resource, SortedMap<String, String> settings) {
    if (edit.kind() == EditKind.DELETE) {
      settings.remove(edit.name());
      return Outcome.DONE;
    }
    @Nullable String value = edit.value();
    if (value == null) {
      return invalidRequest("Setting " + edit.name() + " has no value");
    }
    if (edit.kind() == EditKind.SET) {
      settings.put(edit.name(), value);
      return Outcome.DONE;
    }
    Optional<ConfigKey> key = find(resource, edit.name());
    if (key.isEmpty()) {
      return unknown(resource, edit.name());
    }
    if (key.get().type() != ConfigType.LIST) {
      return invalidConfig(
          "%s is not a list: nothing can be added to it or taken from it".formatted(edit.name()));
    }
    LinkedHashSet<String> elements =
        new LinkedHashSet<>(
            elements(settings.getOrDefault(edit.name(), key.get().defaultText().orElse(""))));
    if (edit.kind() == EditKind.APPEND) {
      elements.addAll(elements(value));
    } else {
      elements(value).forEach(elements::remove);
    }
    settings.put(edit.name(), String.join(",", elements));
    return Outcome.DONE;
  }

  private static List<String> elements(String list) {
    List<String> elements = new ArrayList<>();
    for (String element : list.split(",", -1)) {
      if (!element.isBlank()) {
        elements.add(element.strip());
      }
    }
    return elements;
  }

  private Outcome checkSettings(
      ClusterImage image,
      ConfigResource resource,
      SortedMap<String, String> before,
      SortedMap<String, String> after) {
    try {
      switch (resource.type()) {
        case TOPIC ->
            TopicConfigs.check(
                after,
                BrokerConfigs.effective(
                    started, image.config(ConfigResource.ALL_BROKERS), new TreeMap<>()));
        case GROUP, CLIENT_METRICS -> Config.of(table(resource), after);
        case BROKER, BROKER_LOGGER -> {
          return checkBrokerSettings(resource, before, after);
        }
      }
      return Outcome.DONE;
    } catch (InvalidConfigException e) {
      return invalidConfig(String.valueOf(e.getMessage()));
    }
  }

  /// Only what changes is looked at: what was accepted before stays.
  private static Outcome checkBrokerSettings(
      ConfigResource resource, SortedMap<String, String> before, SortedMap<String, String> after) {
    for (Map.Entry<String, String> entry : after.entrySet()) {
      String name = entry.getKey();
      if (entry.getValue().equals(before.get(name))) {
        continue;
      }
      Optional<ConfigKey> key = BrokerConfigs.find(name);
      if (key.isEmpty()) {
        return unknown(resource, name);
      }
      UpdateMode mode = BrokerConfigs.updateMode(name);
      if (mode == UpdateMode.READ_ONLY) {
        return invalidRequest(
            name + " cannot change while the broker runs: set it in server.properties");
      }
      if (mode == UpdateMode.PER_BROKER && resource.equals(ConfigResource.ALL_BROKERS)) {
        return invalidRequest(name + " can only be set for one broker, not for all");
      }
      if (key.get().isLocalOnly()) {
        return invalidConfig(
            name + " names code or files of the broker: set it in server.properties");
      }
      key.get().parse(entry.getValue());
    }
    return Outcome.DONE;
  }

  private static void write(
      ConfigResource resource,
      SortedMap<String, String> before,
      SortedMap<String, String> after,
      List<MetadataRecord> records) {
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      @Nullable String value = after.get(name);
      if (value == null || !value.equals(before.get(name))) {
        records.add(ImageRecords.config(resource, name, value));
      }
    }
  }

  private static Optional<ConfigKey> find(ConfigResource resource, String name) {
    return resource.type() == ConfigResource.Type.BROKER
        ? BrokerConfigs.find(name)
        : table(resource).find(name);
  }

  private static ConfigTable table(ConfigResource resource) {
    return switch (resource.type()) {
      case TOPIC -> TopicConfigs.table();
      case BROKER, BROKER_LOGGER -> BrokerConfigs.table();
      case GROUP -> OtherConfigs.group();
      case CLIENT_METRICS -> OtherConfigs.clientMetrics();
    };
  }

  private static Outcome unknown(ConfigResource resource, String name) {
    return invalidConfig(String.valueOf(table(resource).unknown(name).getMessage()));
  }

  private static Outcome invalidRequest(String message) {
    return Outcome.failed(ErrorCode.INVALID_REQUEST, message);
  }

  private static Outcome invalidConfig(String message) {
    return Outcome.failed(ErrorCode.INVALID_CONFIG, message);
  }
}
