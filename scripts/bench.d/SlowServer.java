import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A Sandbox v1 service with nothing behind it: every exec succeeds after a while, everything else
 * at once. It stands for one that lives elsewhere, so it takes as little of this machine as it can:
 * one thread, no HTTP library, and it calls itself until its compiler is done. Listens on loopback,
 * prints its port, and ends with its standard input, or after ten minutes. Then it prints, on one
 * line: how many commands there were (execs with the word bench-command), the milliseconds from the
 * arrival of the first to the answer of the last, the most that were in flight, the milliseconds of
 * processor time that it took meanwhile, and how many calls there were of each kind, by name.
 */
final class SlowServer {
  private static final String MARK = "\"bench-command\"";
  private static final int WARMING = 5000;

  private final long delayNanos;
  private final String execHeaders;
  private final Selector selector = Selector.open();
  private final Map<String, String> sandboxes = new HashMap<>();
  private final Map<String, Integer> calls = new TreeMap<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private boolean warm;
  private int commands;
  private int inFlight;
  private int most;
  private long first;
  private long last;
  private long firstCpu;
  private long lastCpu;

  /** What a connection has sent of its next request; requests are not sent ahead. */
  private static final class Peer {
    private final SocketChannel channel;
    private ByteBuffer in = ByteBuffer.allocate(16 * 1024);

    private Peer(SocketChannel channel) {
      this.channel = channel;
    }
  }

  /** An exec that is answered when its time has come; all take as long, so they end in order. */
  private record Pending(long due, Peer peer, boolean command) {}

  private SlowServer(long delayMs, boolean timeKept) throws IOException {
    this.delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMs);
    this.execHeaders =
        timeKept ? "Sandbeam-Exec-Outcome: EXITED\r\nSandbeam-Leftover-Processes: 0\r\n" : "";
  }

  /** DELAY_MS plain|kept; kept answers as sandbeam serve does, which keeps the time of commands. */
  public static void main(String[] args) throws IOException, InterruptedException {
    SlowServer slow = new SlowServer(Long.parseLong(args[0]), args[1].equals("kept"));
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
    server.configureBlocking(false);
    server.register(slow.selector, SelectionKey.OP_ACCEPT);
    Thread serving = new Thread(() -> slow.serve(server), "serve");
    serving.setDaemon(true);
    serving.start();
    Thread limit = new Thread(SlowServer::endLater, "limit");
    limit.setDaemon(true);
    limit.start();
    int port = server.socket().getLocalPort();
    warm(port);
    slow.ready();
    System.out.println(port);
    System.in.transferTo(OutputStream.nullOutputStream());
    System.out.println(slow.figures());
    System.exit(0);
  }

  private static void endLater() {
    try {
      TimeUnit.MINUTES.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.exit(1);
  }

  /** The calls of a command, without a delay; then all is as if they had never been. */
  private static void warm(int port) throws IOException {
    String spec = "{\"spec\": {\"tags\": [\"warming\"]}}";
    try (SocketChannel to = SocketChannel.open(new InetSocketAddress("127.0.0.1", port))) {
      to.setOption(StandardSocketOptions.TCP_NODELAY, true);
      for (int i = 0; i < WARMING; i++) {
        String made = ask(to, "POST", "", spec);
        String id = made.replaceFirst("(?s).*\"sandboxId\":\"", "").replaceFirst("(?s)\".*", "");
        ask(to, "POST", "/" + id + ":exec", spec);
        ask(to, "DELETE", "/" + id, "");
      }
    }
  }

  private static String ask(SocketChannel to, String verb, String path, String body)
      throws IOException {
    String request =
        verb + " /v1/sandboxes" + path + " HTTP/1.1\r\nHost: here\r\nContent-Length: "
            + body.length() + "\r\n\r\n" + body;
    to.write(StandardCharsets.ISO_8859_1.encode(request));
    ByteBuffer answer = ByteBuffer.allocate(16 * 1024);
    while (length(answer) < 0) {
      if (to.read(answer) < 0) {
        throw new IOException("ended");
      }
    }
    return new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
  }

  private synchronized void ready() {
    calls.clear();
    warm = true;
  }

  private synchronized String figures() {
    return String.format(
        "%d %d %d %d %s", commands, (last - first) / 1_000_000, most, lastCpu - firstCpu, calls);
  }

  private static long cpuMillis() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
  }

  private void serve(ServerSocketChannel server) {
    try {
      while (true) {
        Pending next = pending.peekFirst();
        long wait = next == null ? Long.MAX_VALUE : next.due() - System.nanoTime();
        if (wait <= 0) {
          pending.removeFirst();
          done(next);
          continue;
        }
        // Rounded up: select takes whole milliseconds, and 0 is for ever.
        selector.select(next == null ? 0 : wait / 1_000_000 + 1);
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isAcceptable()) {
            accept(server);
          } else {
            read(key);
          }
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException | RuntimeException e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private void accept(ServerSocketChannel server) throws IOException {
    SocketChannel channel = server.accept();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.register(selector, SelectionKey.OP_READ, new Peer(channel));
  }

  private void read(SelectionKey key) throws IOException {
    Peer peer = (Peer) key.attachment();
    int got;
    try {
      got = peer.channel.read(peer.in);
    } catch (IOException reset) {
      got = -1;
    }
    if (got < 0) {
      peer.channel.close();
      return;
    }
    int length = length(peer.in);
    if (length < 0) {
      if (!peer.in.hasRemaining()) {
        peer.in = ByteBuffer.allocate(peer.in.capacity() * 4).put(peer.in.flip());
      }
      return;
    }
    String request = new String(peer.in.array(), 0, length, StandardCharsets.UTF_8);
    peer.in.clear();
    handle(peer, request);
  }

  /** How long the message is that begins here, or -1 when it has not come in whole. */
  private static int length(ByteBuffer in) {
    String head = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      return -1;
    }
    int body = 0;
    int name = head.substring(0, end).toLowerCase(Locale.ROOT).indexOf("\r\ncontent-length:");
    if (name >= 0) {
      int from = name + "\r\ncontent-length:".length();
      int to = head.indexOf("\r\n", from);
      body = Integer.parseInt(head.substring(from, to).strip());
    }
    int whole = end + 4 + body;
    return in.position() >= whole ? whole : -1;
  }

  private synchronized void handle(Peer peer, String request) throws IOException {
    int verbEnd = request.indexOf(' ');
    String verb = request.substring(0, verbEnd);
    String target = request.substring(verbEnd + 1, request.indexOf(' ', verbEnd + 1));
    String body = request.substring(request.indexOf("\r\n\r\n") + 4);
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? "" : target.substring(question + 1);
    int slash = path.indexOf('/', "/v1/s".length());
    int colon = path.indexOf(':');
    String id = slash < 0 ? "" : path.substring(slash + 1, colon < 0 ? path.length() : colon);
    String call = verb + (colon < 0 ? "" : path.substring(colon));
    calls.merge(call + (id.isEmpty() ? "" : " one"), 1, Integer::sum);
    switch (call) {
      case "POST:exec" -> exec(peer, body.contains(MARK));
      case "POST" -> answer(peer, 200, "", create(body));
      case "GET" -> answer(peer, id.isEmpty() || sandboxes.containsKey(id) ? 200 : 404, "", get(id, query));
      case "DELETE" -> answer(peer, 200, "", delete(id));
      default -> answer(peer, 501, "", "{\"code\": 12}");
    }
  }

  private void exec(Peer peer, boolean command) throws IOException {
    long now = System.nanoTime();
    if (command) {
      if (commands++ == 0) {
        first = now;
        firstCpu = cpuMillis();
      }
      most = Math.max(most, ++inFlight);
    }
    if (warm) {
      pending.addLast(new Pending(now + delayNanos, peer, command));
    } else {
      done(new Pending(now, peer, command));
    }
  }

  private synchronized void done(Pending exec) throws IOException {
    answer(exec.peer(), 200, execHeaders, "{}");
    if (exec.command()) {
      last = System.nanoTime();
      inFlight--;
      if (inFlight == 0) {
        lastCpu = cpuMillis();
      }
    }
  }

  /** The body is a sandbox with its spec alone, and goes back with an id and a state. */
  private String create(String body) {
    String id = UUID.randomUUID().toString();
    sandboxes.put(id, body);
    return shown(id, body, "RUNNING");
  }

  private String get(String id, String query) {
    if (!id.isEmpty()) {
      String body = sandboxes.get(id);
      return body == null ? "{\"code\": 5}" : shown(id, body, "RUNNING");
    }
    List<String> tags =
        Arrays.stream(query.split("&"))
            .filter(part -> part.startsWith("tags="))
            .map(part -> '"' + URLDecoder.decode(part.substring(5), StandardCharsets.UTF_8) + '"')
            .toList();
    return sandboxes.entrySet().stream()
        .filter(entry -> tags.stream().allMatch(entry.getValue()::contains))
        .map(entry -> shown(entry.getKey(), entry.getValue(), "RUNNING"))
        .collect(Collectors.joining(",", "{\"sandboxes\":[", "]}"));
  }

  private String delete(String id) {
    String body = sandboxes.remove(id);
    return body == null ? "{}" : "{\"sandbox\":" + shown(id, body, "TERMINATED") + "}";
  }

  private static String shown(String id, String body, String state) {
    return body.substring(0, body.lastIndexOf('}'))
        + ",\"sandboxId\":\"" + id + "\",\"status\":{\"state\":\"STATE_" + state
        + "\",\"createTime\":\"" + Instant.now() + "\"}}";
  }

  private static void answer(Peer peer, int code, String headers, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 " + code + " It\r\nContent-Type: application/json\r\n" + headers
            + "Content-Length: " + body.length + "\r\n\r\n";
    ByteBuffer out = ByteBuffer.allocate(head.length() + body.length);
    out.put(head.getBytes(StandardCharsets.ISO_8859_1)).put(body).flip();
    try {
      while (out.hasRemaining()) {
        peer.channel.write(out);
      }
    } catch (IOException gone) {
      peer.channel.close();
    }
  }
}
