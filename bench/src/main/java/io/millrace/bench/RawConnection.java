package io.millrace.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/// A connection on which one request at a time is sent and answered: costs so little that thousands
/// of clients can be played by one program.
///
/// Used by one thread at a time.
final class RawConnection implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private int correlationId;

  /// @param bootstrap `HOST:PORT`
  RawConnection(String bootstrap) throws IOException {
    int colon = bootstrap.lastIndexOf(':');
    this.socket =
        new Socket(bootstrap.substring(0, colon), Integer.parseInt(bootstrap.substring(colon + 1)));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /// Sends a request and waits for the response, which it reads into `response`.
  <T extends ApiMessage> T ask(ApiMessage request, short version, T response) throws IOException {
    ApiKeys api = ApiKeys.forId(request.apiKey());
    var header =
        new RequestHeaderData()
            .setRequestApiKey(api.id)
            .setRequestApiVersion(version)
            .setCorrelationId(correlationId++)
            .setClientId("bench");
    ByteBuffer headerBytes =
        MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version)).buffer();
    ByteBuffer bodyBytes = MessageUtil.toByteBufferAccessor(request, version).buffer();
    int size = headerBytes.remaining() + bodyBytes.remaining();
    var frame = ByteBuffer.allocate(4 + size).putInt(size).put(headerBytes).put(bodyBytes);
    out.write(frame.array());
    byte[] answer = new byte[in.readInt()];
    in.readFully(answer);
    var accessor = new ByteBufferAccessor(ByteBuffer.wrap(answer));
    var _ = new ResponseHeaderData(accessor, api.responseHeaderVersion(version));
    response.read(accessor, version);
    return response;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
