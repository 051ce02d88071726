package io.millrace.broker.net;

import io.millrace.broker.net.ClientConnection.ResponseSlot;
import io.millrace.host.Net;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageWriter;
import io.millrace.protocol.RecordData;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ResponseHeader;
import io.millrace.storage.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Encodes responses and writes them to a connection. Ranges of log files go from the file to the
/// socket and are released when they are sent, or when they cannot be.
///
/// Used by one task at a time.
final class ResponseWriter {
  private static final ByteBuffer[] NO_BUFFERS = {};

  private final Net.Connection socket;
  private final MessageWriter writer = new MessageWriter();

  ResponseWriter(Net.Connection socket) {
    this.socket = socket;
  }

  void write(ResponseSlot slot, ApiMessage response) throws IOException {
    try {
      writer.reset();
      writer.beginFrame();
      ResponseHeader.builder()
          .correlationId(slot.correlationId())
          .build()
          .write(writer, slot.headerVersion());
      response.write(writer, slot.version());
      writer.endFrame();
      send(writer.chunks());
    } finally {
      release(response);
    }
  }

  /// Gives back the log files that a response refers to.
  static void release(ApiMessage response) {
    if (response instanceof FetchResponse fetch) {
      for (FetchResponse.FetchableTopicResponse topic : fetch.responses()) {
        for (FetchResponse.PartitionData partition : topic.partitions()) {
          if (partition.records() instanceof LogSlice slice) {
            slice.close();
          }
        }
      }
    }
  }

  private void send(List<MessageWriter.Chunk> chunks) throws IOException {
    if (chunks.size() == 1 && chunks.get(0) instanceof MessageWriter.Chunk.Bytes(ByteBuffer only)) {
      socket.write(only);
      return;
    }
    List<ByteBuffer> gathered = new ArrayList<>();
    for (MessageWriter.Chunk chunk : chunks) {
      switch (chunk) {
        case MessageWriter.Chunk.Bytes(ByteBuffer bytes) -> gathered.add(bytes);
        case MessageWriter.Chunk.Foreign(RecordData records) -> {
          flush(gathered);
          sendSlice((LogSlice) records);
        }
      }
    }
    flush(gathered);
  }

  private void sendSlice(LogSlice slice) throws IOException {
    socket.send(slice.file(), slice.position(), slice.sizeInBytes());
  }

  private void flush(List<ByteBuffer> gathered) throws IOException {
    if (!gathered.isEmpty()) {
      socket.write(gathered.toArray(NO_BUFFERS));
      gathered.clear();
    }
  }
}
