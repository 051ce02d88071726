package io.millrace.broker.net;

import io.millrace.host.Disk;
import io.millrace.host.Net;
import java.nio.ByteBuffer;
import java.util.List;

/// A connection on which given pieces of bytes arrive, one per read, and then the end.
final class ScriptedConnection implements Net.Connection {
  private final List<byte[]> pieces;
  private int next;
  private int consumed;

  ScriptedConnection(List<byte[]> pieces) {
    this.pieces = pieces;
  }

  @Override
  public Net.Endpoint remote() {
    return new Net.Endpoint("script", 0);
  }

  @Override
  public int read(ByteBuffer target) {
    while (next < pieces.size() && consumed == pieces.get(next).length) {
      next++;
      consumed = 0;
    }
    if (next == pieces.size()) {
      return -1;
    }
    int count = Math.min(target.remaining(), pieces.get(next).length - consumed);
    target.put(pieces.get(next), consumed, count);
    consumed += count;
    return count;
  }

  @Override
  public void write(ByteBuffer... sources) {
    throw new UnsupportedOperationException("a script only sends");
  }

  @Override
  public void send(Disk.File file, long position, long count) {
    throw new UnsupportedOperationException("a script only sends");
  }

  @Override
  public void close() {}
}
