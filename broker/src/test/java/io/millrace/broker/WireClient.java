package io.millrace.broker;

import io.millrace.host.Deadline;
import io.millrace.host.Host;
import io.millrace.host.Net;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.RequestHeader;
import io.millrace.protocol.message.ResponseHeader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A client that speaks the protocol one message at a time, on a real or a simulated host, and can
/// also send what no client should.
final class WireClient implements Closeable {
  private final Net.Connection connection;
  private int lastCorrelationId;

  WireClient(Host host, Net.Endpoint broker) throws IOException {
    connection = host.net().connect(broker, Deadline.NEVER);
  }

  /// Sends a request and waits for its response.
  <T extends ApiMessage> T call(Class<T> type, ApiKey api, int version, ApiMessage request)
      throws IOException {
    send(api, version, request);
    return receive(type, api, version);
  }

  void send(ApiKey api, int version, ApiMessage request) throws IOException {
    connection.write(frame(api, version, request));
  }

  /// The bytes of a request, its length included.
  ByteBuffer frame(ApiKey api, int version, ApiMessage request) {
    MessageWriter writer = new MessageWriter();
    writer.beginFrame();
    header(api, version).write(writer, api.requestHeaderVersion((short) version));
    request.write(writer, (short) version);
    writer.endFrame();
    return writer.toByteBuffer();
  }

  /// Sends a request whose body is `body`, whatever that is.
  void sendBody(ApiKey api, int version, byte[] body) throws IOException {
    MessageWriter writer = new MessageWriter();
    header(api, version).write(writer, api.requestHeaderVersion((short) version));
    ByteBuffer header = writer.toByteBuffer();
    ByteBuffer frame = ByteBuffer.allocate(4 + header.remaining() + body.length);
    frame.putInt(header.remaining() + body.length).put(header).put(body);
    connection.write(frame.flip());
  }

  void sendBytes(byte... bytes) throws IOException {
    connection.write(ByteBuffer.wrap(bytes));
  }

  <T extends ApiMessage> T receive(Class<T> type, ApiKey api, int version) throws IOException {
    MessageReader reader = new MessageReader(receiveFrame());
    ResponseHeader.read(reader, api.responseHeaderVersion((short) version));
    T response = type.cast(api.readResponse(reader, (short) version));
    if (reader.remaining() != 0) {
      throw new IOException(reader.remaining() + " bytes follow the response of " + api);
    }
    return response;
  }

  /// Whether the broker closes the connection before it sends anything more.
  boolean isClosedByBroker() throws IOException {
    try {
      return connection.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }

  private RequestHeader header(ApiKey api, int version) {
    return RequestHeader.builder()
        .requestApiKey(api.id())
        .requestApiVersion((short) version)
        .correlationId(++lastCorrelationId)
        .clientId("test")
        .build();
  }

  private ByteBuffer receiveFrame() throws IOException {
    ByteBuffer size = ByteBuffer.allocate(4);
    readFully(size);
    ByteBuffer frame = ByteBuffer.allocate(size.getInt(0));
    readFully(frame);
    return frame.flip();
  }

  private void readFully(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (connection.read(target) < 0) {
        throw new EOFException("the broker closed the connection");
      }
    }
  }
}
