package io.millrace.host.jdk;

import io.millrace.host.Deadline;
import io.millrace.host.Net;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// TCP over IPv4 and IPv6.
final class JdkNet implements Net {
  /// Connections that the kernel completes before they are accepted; it may allow fewer.
  private static final int BACKLOG = 1024;

  /// An empty host name listens on all addresses.
  @Override
  public Listener listen(Endpoint endpoint) throws IOException {
    InetSocketAddress address =
        endpoint.host().isEmpty() ? new InetSocketAddress(endpoint.port()) : resolve(endpoint);
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address, BACKLOG);
      InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
      return new JdkListener(channel, new Endpoint(endpoint.host(), bound.getPort()));
    } catch (IOException | RuntimeException e) {
      channel.close();
      if (e instanceof BindException) {
        throw named(new BindException(endpoint + ": " + e.getMessage()), e);
      }
      throw e;
    }
  }

  @Override
  public Connection connect(Endpoint endpoint, Deadline deadline) throws IOException {
    InetSocketAddress address = resolve(endpoint);
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      connect(channel, address, endpoint, deadline);
      return new JdkConnection(channel, endpoint);
    } catch (IOException | RuntimeException e) {
      boolean cancelled = Thread.currentThread().isInterrupted();
      channel.close();
      if (cancelled) {
        throw new ClosedByInterruptException();
      }
      if (e instanceof ConnectException) {
        throw named(new ConnectException(endpoint + ": " + e.getMessage()), e);
      }
      throw e;
    }
  }

  private static void connect(
      SocketChannel channel, InetSocketAddress address, Endpoint endpoint, Deadline deadline)
      throws IOException {
    if (deadline.isNever()) {
      channel.connect(address);
      return;
    }
    long millis = Math.ceilDiv(deadline.remainingNanos(System.nanoTime()), 1_000_000L);
    try {
      if (millis == 0) {
        throw new SocketTimeoutException();
      }
      channel.socket().connect(address, (int) Math.min(millis, Integer.MAX_VALUE));
    } catch (SocketTimeoutException e) {
      throw named(new SocketTimeoutException("no answer from " + endpoint + " in time"), e);
    }
  }

  private static InetSocketAddress resolve(Endpoint endpoint) throws UnknownHostException {
    InetSocketAddress address = new InetSocketAddress(endpoint.host(), endpoint.port());
    if (address.isUnresolved()) {
      throw new UnknownHostException("unknown host: " + endpoint.host());
    }
    return address;
  }

  private static <E extends IOException> E named(E named, Exception cause) {
    named.initCause(cause);
    return named;
  }

  private static final class JdkListener implements Listener {
    private final ServerSocketChannel channel;
    private final Endpoint endpoint;

    JdkListener(ServerSocketChannel channel, Endpoint endpoint) {
      this.channel = channel;
      this.endpoint = endpoint;
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public Connection accept() throws IOException {
      SocketChannel accepted = channel.accept();
      try {
        accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
        InetSocketAddress remote = (InetSocketAddress) accepted.getRemoteAddress();
        Endpoint peer = new Endpoint(remote.getAddress().getHostAddress(), remote.getPort());
        return new JdkConnection(accepted, peer);
      } catch (IOException | RuntimeException e) {
        accepted.close();
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
