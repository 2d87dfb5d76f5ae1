package io.sandbeam.testing;

import io.sandbeam.service.ServiceConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A private container engine of this test run, started by {@code scripts/test-engine} when it is
 * first asked for. It ends with this JVM, however that ends.
 */
public final class TestEngine {
  public static final TestEngine DOCKER = new TestEngine("docker");
  public static final TestEngine PODMAN = new TestEngine("podman");

  /** An image with a static busybox and nothing else. */
  public static final String BUSYBOX = "sandbeam-test/busybox";

  /** An image with dash, coreutils and Python. */
  public static final String DEBIAN = "sandbeam-test/debian";

  private static final Duration END_LIMIT = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String kind;
  private volatile Process process;
  private volatile CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
  private BufferedReader said;
  private String address;

  /** How an engine may end before it starts again. */
  public enum Ending {
    /** As by its service manager: it ends its containers. */
    TERM,
    /** As by a crash. */
    KILL
  }

  private TestEngine(String kind) {
    this.kind = kind;
  }

  /** A Docker Engine for one test that does to it what the others would notice. */
  public static TestEngine another() {
    return new TestEngine("docker");
  }

  /** Ends it, starts it again on the same data, and returns when it answers. */
  public synchronized void restart(Ending ending) {
    try {
      process.getOutputStream().write((ending + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      line();
    } catch (IOException e) {
      throw new AssertionError("the engine cannot be restarted", e);
    }
  }

  /** Ends it for good; otherwise the end of this JVM does. */
  public synchronized void close() {
    if (process != null) {
      stop();
    }
  }

  /** Where it is: {@code docker:unix:///…}. */
  public synchronized String address() {
    if (address == null) {
      address = start();
    }
    return address;
  }

  /** A service on it that pulls nothing. */
  public ServiceConfig config(String image) {
    return ServiceConfig.of(address()).withSetting("image", image).withSetting("pull", "never");
  }

  /** While this JVM ends, the engine is there until something that needs it is over. */
  public void endAfter(CompletableFuture<Void> other) {
    before = other;
  }

  private String start() {
    try {
      // Refused while the JVM is ending: then nothing is started.
      Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "test-engine-end"));
      process =
          new ProcessBuilder(Path.of("scripts", "test-engine").toString(), kind)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      return line();
    } catch (IOException e) {
      throw new AssertionError("scripts/test-engine cannot be run", e);
    }
  }

  private String line() throws IOException {
    String line = said.readLine();
    if (line == null) {
      throw new AssertionError("scripts/test-engine gave no engine; its errors are above");
    }
    return line;
  }

  private void stop() {
    before.copy().completeOnTimeout(null, PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    Process engine = process;
    if (engine == null) {
      return;
    }
    try {
      engine.getOutputStream().close();
      if (!engine.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        // It still starts, and listens only then.
        engine.destroy();
        engine.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (IOException | InterruptedException e) {
      engine.destroy();
    }
  }
}
