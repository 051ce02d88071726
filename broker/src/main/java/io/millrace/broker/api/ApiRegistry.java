package io.millrace.broker.api;

import io.millrace.protocol.ApiMessage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The handlers of a listener, by API: the only dispatcher.
public final class ApiRegistry {
  /// By the id of the API.
  private final @Nullable ApiHandler<?>[] handlers;

  public ApiRegistry(List<ApiHandler<?>> handlers) {
    int highest = 0;
    for (ApiHandler<?> handler : handlers) {
      highest = Math.max(highest, handler.api().id());
    }
    this.handlers = new ApiHandler<?>[highest + 1];
    for (ApiHandler<?> handler : handlers) {
      if (this.handlers[handler.api().id()] != null) {
        throw new IllegalArgumentException("two handlers for " + handler.api());
      }
      this.handlers[handler.api().id()] = handler;
    }
  }

  /// The handler of the API with that id, if this listener serves it.
  @SuppressWarnings("unchecked") // a handler's requests are decoded by its own ApiKey
  public Optional<ApiHandler<ApiMessage>> find(short apiId) {
    if (apiId < 0 || apiId >= handlers.length) {
      return Optional.empty();
    }
    return Optional.ofNullable((ApiHandler<ApiMessage>) handlers[apiId]);
  }
}
