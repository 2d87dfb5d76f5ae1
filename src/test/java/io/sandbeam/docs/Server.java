package io.sandbeam.docs;

import static org.awaitility.Awaitility.await;

import io.sandbeam.docs.Checkout.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A {@code sandbeam serve} that a command line started. */
final class Server {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Process process;
  private final Path out;
  private final Path err;
  private final String address;

  private Server(Process process, Path out, Path err, String address) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.address = address;
  }

  /** Waits until it has printed where it listens. */
  static Server of(Process process, Path out, Path err) throws IOException {
    try {
      await().atMost(LIMIT).until(() -> Files.readString(out).endsWith("\n") || !process.isAlive());
    } finally {
      if (!process.isAlive() || Files.readString(out).isBlank()) {
        process.destroyForcibly();
      }
    }
    String address = Files.readString(out).strip();
    if (address.isEmpty()) {
      throw new AssertionError("The server did not start; it said: " + Files.readString(err));
    }
    return new Server(process, out, err, address);
  }

  String address() {
    return address;
  }

  /** Ends it as systemd and Kubernetes do, by SIGTERM. */
  Ended stop() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("The server did not end; it said: " + Files.readString(err));
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
