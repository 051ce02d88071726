package io.millrace.broker.net;

import io.millrace.broker.api.ApiHandler;
import io.millrace.broker.api.ApiRegistry;
import io.millrace.broker.api.Reply;
import io.millrace.broker.api.RequestContext;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MalformedMessageException;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.RequestHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection: reads requests, has them handled one after the other, and hands the
/// replies to a [ResponseQueue], which sends them in the same order.
///
/// [#run] is the connection's reading task. Closing, from any task, ends it.
public final class ClientConnection {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

  private final Net.Connection socket;
  private final Host host;
  private final String listener;
  private final ApiRegistry apis;
  private final FrameReader frames;
  private final ResponseQueue responses;

  /// When the last complete request arrived.
  private volatile long lastRequestNanos;

  ClientConnection(
      Net.Connection socket,
      Host host,
      TaskKind tasks,
      String listener,
      ApiRegistry apis,
      RequestMemory memory,
      int maxRequestBytes) {
    this.socket = socket;
    this.host = host;
    this.listener = listener;
    this.apis = apis;
    this.frames = new FrameReader(socket, host.clock(), memory, maxRequestBytes);
    this.responses = new ResponseQueue(socket, host, tasks, this::close);
    this.lastRequestNanos = host.clock().nanos();
  }

  public Net.Endpoint remote() {
    return socket.remote();
  }

  /// Serves the client until either side closes.
  public void run() throws InterruptedException {
    try {
      for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
        lastRequestNanos = host.clock().nanos();
        boolean goOn;
        try {
          goOn = serve(frame);
        } finally {
          frames.release();
        }
        if (!goOn) {
          responses.drain();
          break;
        }
      }
    } catch (FramingException | MalformedMessageException e) {
      LOG.info("Closed the connection from {}: {}", remote(), e.getMessage());
    } catch (IOException e) {
      LOG.debug("The connection from {} ended: {}", remote(), e.toString());
    } finally {
      frames.release();
      close();
    }
  }

  /// Closes the connection; replies that are still to come are dropped.
  public void close() {
    responses.abandon();
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("Closing the connection from {}: {}", remote(), e.toString());
    }
  }

  /// Why a connection should be closed now for lack of progress, if it should.
  ///
  /// `maxIdleNanos`: how long a client may send nothing while nothing is owed to it. `stallNanos`:
  /// how long a request may take to arrive, or the client to take a response.
  Optional<String> overdue(long now, long maxIdleNanos, long stallNanos) {
    if (frames.isOverdue(now, stallNanos)) {
      return Optional.of("a request did not arrive completely in time");
    }
    if (responses.isStalled(now, stallNanos)) {
      return Optional.of("it does not take its responses");
    }
    boolean idle = responses.isIdle() && now - lastRequestNanos > maxIdleNanos;
    return idle ? Optional.of("it was idle") : Optional.empty();
  }

  /// Handles one request; false if the connection is to end.
  private boolean serve(ByteBuffer frame) throws IOException, InterruptedException {
    short apiId = frame.getShort(0);
    short version = frame.getShort(2);
    Optional<ApiHandler<ApiMessage>> handler = apis.find(apiId);
    if (handler.isEmpty()) {
      LOG.info("Closed the connection from {}: it asked for API {}, unknown here", remote(), apiId);
      return false;
    }
    ApiKey api = handler.get().api();
    boolean supported = version >= api.lowestVersion() && version <= api.highestStableVersion();
    if (!supported && api != ApiKey.API_VERSIONS) {
      LOG.info(
          "Closed the connection from {}: version {} of {} is outside {} to {}",
          remote(),
          version,
          api,
          api.lowestVersion(),
          api.highestStableVersion());
      return false;
    }
    if (!supported) {
      return refuseApiVersions(handler.get(), frame);
    }
    MessageReader reader = new MessageReader(frame);
    RequestHeader header = RequestHeader.read(reader, api.requestHeaderVersion(version));
    ResponseSlot slot =
        new ResponseSlot(header.correlationId(), api.responseHeaderVersion(version), version);
    return answer(slot, handle(handler.get(), reader, header));
  }

  /// A client newer than this broker asks for the versions in a way that is unknown here: it is
  /// answered in the oldest way, so that it can ask again (KIP-511).
  private boolean refuseApiVersions(ApiHandler<ApiMessage> handler, ByteBuffer frame)
      throws IOException, InterruptedException {
    Optional<ApiMessage> refusal = handler.failure(ErrorCode.UNSUPPORTED_VERSION, (short) 0);
    if (refusal.isEmpty()) {
      return false;
    }
    ResponseSlot slot = new ResponseSlot(frame.getInt(4), (short) 0, (short) 0);
    return answer(slot, new Reply.Now(refusal.get()));
  }

  private Reply handle(ApiHandler<ApiMessage> handler, MessageReader reader, RequestHeader header)
      throws InterruptedException {
    ApiKey api = handler.api();
    short version = header.requestApiVersion();
    String clientId = header.clientId();
    try {
      ApiMessage request = api.readRequest(reader, version);
      return handler.handle(
          request,
          new RequestContext(version, clientId == null ? "" : clientId, listener, remote()));
    } catch (MalformedMessageException e) {
      LOG.info("A {} request from {} is malformed: {}", api, remote(), e.getMessage());
      return failure(handler, ErrorCode.INVALID_REQUEST, version);
    } catch (IOException e) {
      LOG.error("Cannot handle a {} request from {}", api, remote(), e);
      return failure(handler, ErrorCode.KAFKA_STORAGE_ERROR, version);
    } catch (RuntimeException e) {
      LOG.error("A bug showed in a {} request, version {}, from {}", api, version, remote(), e);
      return failure(handler, ErrorCode.UNKNOWN_SERVER_ERROR, version);
    }
  }

  private static Reply failure(ApiHandler<ApiMessage> handler, ErrorCode error, short version) {
    Optional<ApiMessage> response = handler.failure(error, version);
    return response.isPresent()
        ? new Reply.Now(response.get())
        : new Reply.Close("its request failed with " + error);
  }

  private boolean answer(ResponseSlot slot, Reply reply) throws IOException, InterruptedException {
    return switch (reply) {
      case Reply.Now now -> responses.send(slot, now.response());
      case Reply.Later later -> responses.sendLater(slot, later.answer());
      case Reply.Silent _ -> true;
      case Reply.Close close -> {
        LOG.info("Closed the connection from {}: {}", remote(), close.reason());
        yield false;
      }
    };
  }

  /// What a response needs from its request: which one it answers, and in which form.
  record ResponseSlot(int correlationId, short headerVersion, short version) {}

  /// For diagnosis.
  @Override
  public String toString() {
    return remote() + " on " + listener;
  }
}
