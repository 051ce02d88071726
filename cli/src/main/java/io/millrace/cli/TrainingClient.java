package io.millrace.cli;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.RequestHeader;
import io.millrace.protocol.message.ResponseHeader;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;

/// Sends one request at a time to the server that is being trained.
final class TrainingClient implements Closeable {
  private static final int TIMEOUT_MS = 10_000;

  private final Socket socket;
  private int correlationId;

  TrainingClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
  }

  ApiMessage ask(ApiKey api, int version, ApiMessage request) throws IOException {
    short apiVersion = (short) version;
    MessageWriter writer = new MessageWriter();
    writer.beginFrame();
    RequestHeader.builder()
        .requestApiKey(api.id())
        .requestApiVersion(apiVersion)
        .correlationId(++correlationId)
        .clientId("training")
        .build()
        .write(writer, api.requestHeaderVersion(apiVersion));
    request.write(writer, apiVersion);
    writer.endFrame();
    ByteBuffer frame = writer.toByteBuffer();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    socket.getOutputStream().write(bytes);

    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] response = new byte[in.readInt()];
    in.readFully(response);
    MessageReader reader = new MessageReader(ByteBuffer.wrap(response));
    ResponseHeader.read(reader, api.responseHeaderVersion(apiVersion));
    return api.readResponse(reader, apiVersion);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
