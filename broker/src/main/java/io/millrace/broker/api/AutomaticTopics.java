package io.millrace.broker.api;

import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Creates topics that a client uses without having created them (`auto.create.topics.enable`).
public interface AutomaticTopics {
  /// Creates the topics and waits until they can be described. Answers why it could not, by name of
  /// topic; those that exist now are not in it.
  Map<String, ErrorCode> create(List<String> names) throws InterruptedException;

  /// The answer where topics may not be created: none of them is known, or can be.
  static Map<String, ErrorCode> unknown(List<String> names) {
    Map<String, ErrorCode> errors = new TreeMap<>();
    for (String name : names) {
      errors.put(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }
    return errors;
  }
}
