package io.sandbeam.chaos;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A piece of network between a client and a server, over TCP or Unix sockets, that can be cut. */
final class Link implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Link.class);

  /** How a network breaks. */
  enum Manner {
    /** Connections are closed, and new ones are refused. */
    CLOSED,
    /** Nothing passes until it is mended; then everything does. */
    STALLED,
    /** Nothing passes, and when it is mended the connections of before are gone. */
    LOST
  }

  private enum State {
    WHOLE,
    REFUSING,
    SILENT
  }

  private final ServerSocketChannel listener;
  private final SocketAddress target;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private State state = State.WHOLE;
  private Manner manner = Manner.CLOSED;

  private Link(ServerSocketChannel listener, SocketAddress target) {
    this.listener = listener;
    this.target = target;
    daemon(this::accept, "accept");
  }

  static Link tcp(InetSocketAddress target) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return new Link(listener, target);
  }

  static Link unix(Path socket, Path target) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    return new Link(listener, UnixDomainSocketAddress.of(target));
  }

  /** Where a TCP link listens. */
  int port() throws IOException {
    return ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  void cut(Manner how) {
    synchronized (gate) {
      manner = how;
      state = how == Manner.CLOSED ? State.REFUSING : State.SILENT;
    }
    if (how == Manner.CLOSED) {
      closeAll();
    }
  }

  void mend() {
    if (manner == Manner.LOST) {
      closeAll();
    }
    synchronized (gate) {
      state = State.WHOLE;
      gate.notifyAll();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    closeAll();
    mend();
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        open.add(client);
        daemon(() -> serve(client), "connect");
      } catch (IOException e) {
        LOG.debug("The link to {} does not listen any more", target, e);
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    try {
      if (!isPassable()) {
        close(client);
        return;
      }
      SocketChannel server = SocketChannel.open(target);
      open.add(server);
      AtomicInteger ended = new AtomicInteger();
      daemon(() -> pump(client, server, ended), "pump");
      pump(server, client, ended);
    } catch (IOException e) {
      LOG.debug("No connection to {}", target, e);
      close(client);
    }
  }

  /** One direction, until its end, which is passed on alone: the other one may go on. */
  private void pump(SocketChannel from, SocketChannel to, AtomicInteger ended) {
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    boolean whole = false;
    try {
      while (from.read(buffer) >= 0 && isPassable()) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
      whole = buffer.position() == 0;
    } catch (IOException e) {
      LOG.debug("A connection to {} has ended", target, e);
    }
    if (!whole || ended.incrementAndGet() == 2) {
      close(from);
      close(to);
    }
  }

  /** Waits while nothing passes; answers whether anything may then. */
  private boolean isPassable() {
    synchronized (gate) {
      while (state == State.SILENT) {
        try {
          gate.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return state == State.WHOLE;
    }
  }

  private void closeAll() {
    open.forEach(this::close);
  }

  private void close(SocketChannel channel) {
    open.remove(channel);
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("A connection to {} did not close", target, e);
    }
  }

  private static void daemon(Runnable task, String name) {
    Thread thread = new Thread(task, "sandbeam-chaos-link-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
