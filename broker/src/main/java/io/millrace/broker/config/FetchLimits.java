package io.millrace.broker.config;

import io.millrace.metadata.config.Config;

/// Limits of fetches.
///
/// @param maxBytes `fetch.max.bytes`: most bytes that one fetch is answered with
/// @param maxSessions `max.incremental.fetch.session.cache.slots`
public record FetchLimits(int maxBytes, int maxSessions) {
  static FetchLimits of(ServerProperties properties) {
    Config config = properties.config();
    return new FetchLimits(
        config.intValue("fetch.max.bytes"),
        config.intValue("max.incremental.fetch.session.cache.slots"));
  }
}
