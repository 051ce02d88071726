package io.millrace.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Sockets: blocking streams of bytes.
public interface Net {
  /// Listens on an address; port 0 picks a free one.
  ///
  /// Throws `BindException` if the address is taken or not of this machine, `UnknownHostException`
  /// if the host name does not resolve.
  Listener listen(Endpoint endpoint) throws IOException;

  /// Connects to an address.
  ///
  /// Throws `SocketTimeoutException` if `deadline` passes first, otherwise what the network
  /// answers.
  Connection connect(Endpoint endpoint, Deadline deadline) throws IOException;

  /// A host name or address, and a port.
  record Endpoint(String host, int port) {
    @Override
    public String toString() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  /// A listening socket.
  interface Listener extends Closeable {
    /// The address it is bound to, with the port that was picked.
    Endpoint endpoint();

    /// Waits for the next connection. Throws `ClosedChannelException` once [#close] was called.
    Connection accept() throws IOException;

    @Override
    void close() throws IOException;
  }

  /// A connection. One task reads and one task writes at a time; anybody may close.
  interface Connection extends Closeable {
    Endpoint remote();

    /// Waits for bytes and reads at least one into `target`; -1 at the end of the stream.
    int read(ByteBuffer target) throws IOException;

    /// Writes all that is left in `sources`, in order.
    void write(ByteBuffer... sources) throws IOException;

    /// Sends `count` bytes of a file from `position`, without bringing them into user space where
    /// the platform can. Throws `EOFException` if the file ends before.
    void send(Disk.File file, long position, long count) throws IOException;

    /// Closes the connection; a task that waits in [#read] or [#write] gets an `IOException`.
    @Override
    void close() throws IOException;
  }
}
