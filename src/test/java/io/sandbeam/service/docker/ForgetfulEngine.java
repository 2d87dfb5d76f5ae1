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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine as {@code tcp://127.0.0.1:…} that never tells a client that the stream it is attached
 * by has ended. Everything else it passes on.
 */
final class ForgetfulEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForgetfulEngine.class);

  private final UnixDomainSocketAddress engine;
  private final ServerSocket listener;
  private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();

  ForgetfulEngine(String address) throws IOException {
    engine = UnixDomainSocketAddress.of(address.replaceFirst("docker:unix://", ""));
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  String address() {
    return "docker:tcp://127.0.0.1:" + listener.getLocalPort();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "forgetful-engine");
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

  private static void serve(Socket client, SocketChannel server) {
    try {
      byte[] head = new byte[8192];
      int count = client.getInputStream().read(head);
      if (count < 0) {
        server.close();
        return;
      }
      boolean attach = new String(head, 0, count, StandardCharsets.UTF_8).contains("/attach?");
      write(server, head, count);
      daemon(() -> answer(server, client, attach));
      byte[] rest = new byte[8192];
      for (count = client.getInputStream().read(rest);
          count >= 0;
          count = client.getInputStream().read(rest)) {
        write(server, rest, count);
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
  private static void answer(SocketChannel server, Socket client, boolean attach) {
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
    if (!attach) {
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
    open.forEach(ForgetfulEngine::closeQuietly);
  }
}
