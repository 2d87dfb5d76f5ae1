package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;

import io.sandbeam.runners.Scripts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A {@code sandbeam serve} that can be killed and started again, and the network before it. */
final class ServedPlace implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path folder;
  private final Scripts scripts;
  private final Link link;
  private Process process;
  private int port;

  ServedPlace(Path folder) throws IOException {
    this.folder = Files.createDirectory(folder);
    this.scripts = Scripts.in(folder);
    start();
    this.link = Link.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
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
    process = scripts.start("./scripts/sandbeam serve --state=serve --port=" + port, out, err);
    await().atMost(LIMIT).until(() -> Files.readString(out).endsWith("\n") || !process.isAlive());
    if (!process.isAlive()) {
      throw new IOException("The server did not start; it said: " + Files.readString(err));
    }
    port = URI.create(Files.readString(out).strip()).getPort();
  }

  void kill() {
    process.destroyForcibly();
    await().atMost(LIMIT).until(() -> !process.isAlive());
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    link.close();
  }
}
