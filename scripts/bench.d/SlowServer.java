import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A Sandbox v1 service with nothing behind it: every exec succeeds after a while, everything else
 * at once. Listens on loopback, calls itself until it is warm, since its own compiler is not what is
 * measured, prints its port, and ends with its standard input, or after ten minutes. Then it prints, on one line: how many commands there were (execs with the word
 * bench-command), the milliseconds from the arrival of the first to the answer of the last, the
 * most that were in flight, and how many calls there were of each kind, by name.
 */
final class SlowServer {
  private static final String MARK = "\"bench-command\"";

  private static final int WARMING = 1500;

  private volatile long delayMs;
  private final boolean timeKept;
  private final Map<String, String> sandboxes = new ConcurrentHashMap<>();
  private final Map<String, Integer> calls = new ConcurrentHashMap<>();
  private final ScheduledExecutorService later = Executors.newScheduledThreadPool(4);
  private int commands;
  private int inFlight;
  private int most;
  private long first;
  private long last;

  private SlowServer(boolean timeKept) {
    this.timeKept = timeKept;
  }

  /** DELAY_MS plain|kept; kept answers as sandbeam serve does, which keeps the time of commands. */
  public static void main(String[] args) throws IOException, InterruptedException {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.maxIdleConnections", "1000");
    SlowServer slow = new SlowServer(args[1].equals("kept"));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
    server.setExecutor(slow.later);
    server.createContext("/v1/", slow::handle);
    server.start();
    slow.later.schedule(() -> System.exit(1), 10, TimeUnit.MINUTES);
    slow.warm(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/sandboxes"));
    slow.delayMs = Long.parseLong(args[0]);
    System.out.println(server.getAddress().getPort());
    System.in.transferTo(OutputStream.nullOutputStream());
    System.out.println(slow.figures());
    System.exit(0);
  }

  /** The calls of a command, without a delay; then all is as if they had never been. */
  private void warm(URI sandboxes) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    String spec = "{\"spec\": {\"tags\": [\"warming\"]}}";
    for (int i = 0; i < WARMING; i++) {
      HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(spec);
      HttpRequest create = HttpRequest.newBuilder(sandboxes).POST(body).build();
      String made = client.send(create, HttpResponse.BodyHandlers.ofString()).body();
      String id = made.replaceFirst("(?s).*\"sandboxId\":\"", "").replaceFirst("(?s)\".*", "");
      URI one = URI.create(sandboxes + "/" + id);
      client.send(
          HttpRequest.newBuilder(URI.create(one + ":exec")).POST(body).build(),
          HttpResponse.BodyHandlers.discarding());
      client.send(
          HttpRequest.newBuilder(one).DELETE().build(), HttpResponse.BodyHandlers.discarding());
    }
    calls.clear();
  }

  private synchronized String figures() {
    return commands + " " + (last - first) / 1_000_000 + " " + most + " " + calls;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getPath();
    String id = path.replaceFirst("^/v1/sandboxes/?", "").replaceFirst(":.*", "");
    String call = exchange.getRequestMethod() + (path.contains(":") ? path.replaceFirst(".*:", ":") : "");
    calls.merge(call + (id.isEmpty() ? "" : " one"), 1, Integer::sum);
    switch (call) {
      case "POST:exec" -> exec(exchange, body);
      case "POST" -> answer(exchange, 200, create(body));
      case "GET" -> answer(exchange, id.isEmpty() || sandboxes.containsKey(id) ? 200 : 404, get(exchange, id));
      case "DELETE" -> answer(exchange, 200, delete(id));
      default -> answer(exchange, 501, "{\"code\": 12}");
    }
  }

  private void exec(HttpExchange exchange, String body) {
    boolean command = body.contains(MARK);
    if (command) {
      arrived(System.nanoTime());
    }
    later.schedule(
        () -> {
          if (timeKept) {
            exchange.getResponseHeaders().set("Sandbeam-Exec-Outcome", "EXITED");
            exchange.getResponseHeaders().set("Sandbeam-Leftover-Processes", "0");
          }
          answer(exchange, 200, "{}");
          if (command) {
            answered(System.nanoTime());
          }
          return null;
        },
        delayMs,
        TimeUnit.MILLISECONDS);
  }

  private synchronized void arrived(long now) {
    first = commands++ == 0 ? now : first;
    most = Math.max(most, ++inFlight);
  }

  private synchronized void answered(long now) {
    last = now;
    inFlight--;
  }

  /** The body is a sandbox with its spec alone, and goes back with an id and a state. */
  private String create(String body) {
    String id = UUID.randomUUID().toString();
    sandboxes.put(id, body);
    return shown(id, body, "RUNNING");
  }

  private String get(HttpExchange exchange, String id) {
    if (!id.isEmpty()) {
      String body = sandboxes.get(id);
      return body == null ? "{\"code\": 5}" : shown(id, body, "RUNNING");
    }
    String query = exchange.getRequestURI().getRawQuery();
    List<String> tags =
        Arrays.stream((query == null ? "" : query).split("&"))
            .filter(part -> part.startsWith("tags="))
            .map(part -> '"' + URLDecoder.decode(part.substring(5), StandardCharsets.UTF_8) + '"')
            .toList();
    return sandboxes.entrySet().stream()
        .filter(entry -> tags.stream().allMatch(entry.getValue()::contains))
        .map(entry -> shown(entry.getKey(), entry.getValue(), "RUNNING"))
        .collect(java.util.stream.Collectors.joining(",", "{\"sandboxes\":[", "]}"));
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

  private static void answer(HttpExchange exchange, int code, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
