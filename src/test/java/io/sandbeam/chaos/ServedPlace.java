package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.runners.Scripts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@code sandbeam serve} that can be killed and started again, and the network before it. */
final class ServedPlace implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration END_LIMIT = Duration.ofSeconds(20);

  private final Path folder;
  private final Scripts scripts;
  private volatile Link link;
  private volatile Process process;
  private int port;

  /** Not started yet. */
  ServedPlace(Path folder) throws IOException {
    this.folder = Files.createDirectory(folder);
    this.scripts = Scripts.in(folder);
  }

  boolean isStarted() {
    return link != null;
  }

  /** For those whose network is whole. */
  String direct() {
    return "http://127.0.0.1:" + port;
  }

  String throughLink() throws IOException {
    return "http://127.0.0.1:" + link.port();
  }

  Link link() {
    return link;
  }

  ProcessHandle process() {
    return process.toHandle();
  }

  /** The same address and the same records as before. */
  void start() throws IOException {
    Path out = Files.createTempFile(folder, "serve", ".out");
    Path err = Files.createTempFile(folder, "serve", ".err");
    process =
        scripts.start("./scripts/sandbeam serve --drain=5s --state=serve --port=" + port, out, err);
    await().atMost(LIMIT).until(() -> Files.readString(out).endsWith("\n") || !process.isAlive());
    if (!process.isAlive()) {
      throw new IOException("The server did not start; it said: " + Files.readString(err));
    }
    port = URI.create(Files.readString(out).strip()).getPort();
    if (link == null) {
      link = Link.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
  }

  /** What its own list says is alive of a job. */
  List<String> alive(String job) throws IOException, InterruptedException {
    URI uri = URI.create(direct() + "/v1/sandboxes?tags=job." + job);
    JsonNode answer =
        JSON.readTree(
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body());
    List<String> alive = new ArrayList<>();
    answer.path("sandboxes").forEach(sandbox -> alive.add(sandbox.path("sandboxId").asText()));
    return alive;
  }

  void kill() {
    process.destroyForcibly();
    await().atMost(LIMIT).until(() -> !process.isAlive());
  }

  @Override
  public void close() throws IOException {
    if (link != null) {
      link.close();
    }
    if (process == null) {
      return;
    }
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
      throw new IOException("The server did not end within " + END_LIMIT + ": it was killed");
    }
  }
}
