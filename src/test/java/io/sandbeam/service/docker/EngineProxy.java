package io.sandbeam.service.docker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import javax.net.ServerSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An engine as {@code tcp://127.0.0.1:…}: what a Unix socket answers, passed on. */
final class EngineProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineProxy.class);

  private final UnixDomainSocketAddress engine;
  private final ServerSocket listener;
  private final Attached attached;
  private final Predicate<String> lost;
  private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();

  /** What clients are told of the streams that they are attached by. */
  enum Attached {
    ALL,
    /** Not that they have ended. */
    NO_END
  }

  EngineProxy(String address, Attached attached, ServerSocketFactory sockets) throws IOException {
    this(address, attached, sockets, line -> false);
  }

  /** Loses such lines to process 1. */
  static EngineProxy losing(String address, Predicate<String> lost) throws IOException {
    return new EngineProxy(address, Attached.ALL, ServerSocketFactory.getDefault(), lost);
  }

  private EngineProxy(
      String address, Attached attached, ServerSocketFactory sockets, Predicate<String> lost)
      throws IOException {
    this.lost = lost;
    this.engine = UnixDomainSocketAddress.of(address.replaceFirst("docker:unix://", ""));
    this.attached = attached;
    this.listener = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  String address() {
    return "docker:tcp://127.0.0.1:" + listener.getLocalPort();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "engine-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        SocketChannel server = SocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(client);
        open.add(server);
        server.connect(engine);
        daemon(() -> serve(client, server));
      } catch (IOException e) {
        LOG.debug("No more connections, or one that came and went", e);
      }
    }
  }

  private void serve(Socket client, SocketChannel server) {
    try {
      byte[] head = new byte[8192];
      int count = client.getInputStream().read(head);
      if (count < 0) {
        server.close();
        return;
      }
      boolean attach = new String(head, 0, count, StandardCharsets.UTF_8).contains("/attach?");
      boolean endless = attach && attached == Attached.NO_END;
      write(server, head, count);
      daemon(() -> answer(server, client, endless));
      LossyLines lines = new LossyLines(lost);
      byte[] rest = new byte[8192];
      for (count = client.getInputStream().read(rest);
          count >= 0;
          count = client.getInputStream().read(rest)) {
        byte[] passed = attach ? lines.pass(rest, count) : Arrays.copyOf(rest, count);
        write(server, passed, passed.length);
      }
      server.shutdownOutput();
    } catch (IOException e) {
      LOG.debug("A connection has broken", e);
      closeQuietly(server);
    }
  }

  private static void write(SocketChannel server, byte[] bytes, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
    while (buffer.hasRemaining()) {
      server.write(buffer);
    }
  }

  /** By the channel itself: its streams read and write one at a time only. */
  private static void answer(SocketChannel server, Socket client, boolean endless) {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    try {
      while (server.read(buffer) >= 0) {
        client.getOutputStream().write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    } catch (IOException e) {
      LOG.debug("A connection has broken", e);
      closeQuietly(server);
    }
    if (!endless) {
      closeQuietly(client);
    }
  }

  private static void closeQuietly(AutoCloseable connection) {
    try {
      connection.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(EngineProxy::closeQuietly);
  }
}
