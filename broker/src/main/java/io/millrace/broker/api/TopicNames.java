package io.millrace.broker.api;

import java.util.List;

/// The names of topics that brokers use themselves.
final class TopicNames {
  private static final List<String> INTERNAL =
      List.of("__consumer_offsets", "__transaction_state", "__share_group_state");

  private TopicNames() {}

  static boolean isInternal(String name) {
    return INTERNAL.contains(name);
  }
}
