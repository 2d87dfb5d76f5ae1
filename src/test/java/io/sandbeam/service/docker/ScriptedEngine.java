package io.sandbeam.service.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine as {@code tcp://127.0.0.1:…} that does to some requests what a script says, and can be
 * away. What the script does not care for, another engine answers.
 */
final class ScriptedEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptedEngine.class);

  private final UnixDomainSocketAddress engine;
  private final Script script;
  private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();
  private ServerSocket listener;

  /** Told of each request before the engine is. */
  interface Script {
    /** Given method and path, says what is answered in the engine's place, if anything is. */
    Optional<Reply> to(String request);
  }

  /** What a client gets. */
  record Reply(Kind kind, String bytes) {
    static final Reply NEVER = new Reply(Kind.NEVER, "");
    static final Reply BROKEN = new Reply(Kind.BROKEN, "");

    enum Kind {
      ANSWER,
      /** A connection that stays open, and silent. */
      NEVER,
      /** A closed connection. */
      BROKEN
    }

    static Reply json(int status, String body) {
      return new Reply(
          Kind.ANSWER,
          "HTTP/1.1 "
              + status
              + " Scripted\r\nContent-Type: application/json\r\nConnection: close\r\n"
              + "Content-Length: "
              + body.getBytes(StandardCharsets.UTF_8).length
              + "\r\n\r\n"
              + body);
    }
  }

  ScriptedEngine(String address, Script script) throws IOException {
    this.engine = UnixDomainSocketAddress.of(address.replaceFirst("docker:unix://", ""));
    this.script = script;
    listen(0);
  }

  private void listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    listener = socket;
    daemon(() -> accept(socket));
  }

  String address() {
    return "docker:tcp://127.0.0.1:" + listener.getLocalPort();
  }

  /** From now on nobody listens, and all connections are broken. */
  void away() {
    closeQuietly(listener);
    open.forEach(ScriptedEngine::closeQuietly);
  }

  void back() throws IOException {
    listen(listener.getLocalPort());
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted-engine");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        open.add(client);
        daemon(() -> serve(client));
      } catch (IOException e) {
        LOG.debug("No more connections", e);
      }
    }
  }

  private void serve(Socket client) {
    try {
      Optional<String> head = head(client.getInputStream());
      if (head.isEmpty()) {
        client.close();
        return;
      }
      String request = head.get().substring(0, head.get().indexOf(" HTTP/"));
      Optional<Reply> reply = script.to(request);
      if (reply.isPresent()) {
        answer(client, reply.get());
      } else {
        ask(client, head.get(), request.contains("/attach?"));
      }
    } catch (IOException e) {
      LOG.debug("A connection has broken", e);
      closeQuietly(client);
    }
  }

  private static Optional<String> head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      head.write(next);
    }
    return Optional.of(head.toString(StandardCharsets.ISO_8859_1));
  }

  private static void answer(Socket client, Reply reply) throws IOException {
    switch (reply.kind()) {
      case ANSWER -> {
        client.getOutputStream().write(reply.bytes().getBytes(StandardCharsets.UTF_8));
        client.shutdownOutput();
      }
      case BROKEN -> client.close();
      case NEVER -> LOG.debug("One waits for ever");
    }
  }

  /** One request only on each connection: so the script sees all of them. */
  private void ask(Socket client, String head, boolean attach) throws IOException {
    String alone =
        attach
            ? head
            : head.replaceAll("(?i)\r\n(Connection|Upgrade): [^\r]*", "")
                .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
    SocketChannel server = SocketChannel.open(StandardProtocolFamily.UNIX);
    open.add(server);
    server.connect(engine);
    write(server, alone.getBytes(StandardCharsets.ISO_8859_1));
    daemon(() -> passBack(server, client));
    byte[] rest = new byte[8192];
    InputStream in = client.getInputStream();
    for (int count = in.read(rest); count >= 0; count = in.read(rest)) {
      write(server, Arrays.copyOf(rest, count));
    }
    server.shutdownOutput();
  }

  private static void write(SocketChannel server, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      server.write(buffer);
    }
  }

  private static void passBack(SocketChannel server, Socket client) {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    try {
      while (server.read(buffer) >= 0) {
        client.getOutputStream().write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    } catch (IOException e) {
      LOG.debug("A connection has broken", e);
    }
    closeQuietly(server);
    closeQuietly(client);
  }

  private static void closeQuietly(AutoCloseable connection) {
    try {
      connection.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    away();
  }
}
