package io.millrace.broker;

import io.millrace.broker.api.AutomaticTopics;
import io.millrace.broker.config.TopicDefaults;
import io.millrace.host.Clock;
import io.millrace.metadata.Command;
import io.millrace.metadata.CommandFailedException;
import io.millrace.metadata.ControllerRuntime;
import io.millrace.metadata.TopicNames;
import io.millrace.protocol.message.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates topics on first use through the controller, with the broker's defaults.
///
/// Unlike Kafka, which answers the first request with an error and lets the client come again, this
/// waits until the topic is there.
final class ControllerTopics implements AutomaticTopics {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerTopics.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final ControllerRuntime controller;
  private final TopicDefaults defaults;
  private final Clock clock;

  ControllerTopics(ControllerRuntime controller, TopicDefaults defaults, Clock clock) {
    this.controller = controller;
    this.defaults = defaults;
    this.clock = clock;
  }

  @Override
  public Map<String, ErrorCode> create(List<String> names) throws InterruptedException {
    Map<String, ErrorCode> errors = new TreeMap<>();
    List<Command.NewTopic> wanted = new ArrayList<>();
    for (String name : names) {
      if (TopicNames.complaint(name).isPresent()) {
        errors.put(name, ErrorCode.INVALID_TOPIC_EXCEPTION);
      } else if (!defaults.autoCreate() || TopicNames.isInternal(name)) {
        // Internal topics are made by whoever keeps state in them.
        errors.put(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      } else {
        wanted.add(
            new Command.NewTopic(
                name, defaults.partitions(), defaults.replicationFactor(), List.of(), List.of()));
      }
    }
    if (!wanted.isEmpty()) {
      create(wanted, errors);
    }
    return errors;
  }

  private void create(List<Command.NewTopic> wanted, Map<String, ErrorCode> errors)
      throws InterruptedException {
    try {
      List<Command.CreatedTopic> created =
          controller.submit(new Command.CreateTopics(wanted, false), clock.deadlineIn(TIMEOUT));
      for (Command.CreatedTopic topic : created) {
        ErrorCode error = topic.outcome().error();
        if (error == ErrorCode.NONE) {
          LOG.info("Created topic {} because a client asked for it", topic.name());
        } else if (error != ErrorCode.TOPIC_ALREADY_EXISTS) {
          LOG.info("Cannot create topic {}: {}", topic.name(), topic.outcome().message());
          errors.put(topic.name(), error);
        }
      }
    } catch (CommandFailedException e) {
      // The client asks again, as for any topic whose leader is not known yet.
      LOG.warn("Cannot create topics now: {}", e.getMessage());
      wanted.forEach(topic -> errors.put(topic.name(), ErrorCode.LEADER_NOT_AVAILABLE));
    }
  }
}
