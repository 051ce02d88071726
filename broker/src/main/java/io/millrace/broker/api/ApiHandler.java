package io.millrace.broker.api;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import java.io.IOException;
import java.util.Optional;

/// Handles the requests of one API, in every version that the protocol has of it.
///
/// Handlers are shared by all connections and keep no state of their own.
public interface ApiHandler<Q extends ApiMessage> {
  /// Which API this is; what ApiVersions announces is derived from it.
  ApiKey api();

  /// Does what `request` asks for. Runs on the connection's reading task, so requests of a
  /// connection take effect in order; whatever has to be waited for goes into a [Reply.Later], so
  /// that the next request is read meanwhile.
  ///
  /// Buffers inside `request` are valid only until this method returns.
  ///
  /// An exception is a bug or a failing disk: the client gets [#failure].
  Reply handle(Q request, RequestContext context) throws IOException, InterruptedException;

  /// The response that says nothing but `error`, for a request that could not be decoded or
  /// handled; empty if the API's response has no place for it: the connection is closed instead.
  default Optional<ApiMessage> failure(ErrorCode error, short version) {
    return Optional.empty();
  }
}
