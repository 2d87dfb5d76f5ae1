package io.sandbeam.chaos;

import io.sandbeam.sandbox.ShutdownHook;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the parts of a run once: when its rounds are over, or when the JVM is told to end. A second
 * signal kills them. The container engine ends behind them, since they have sandboxes in it.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
  private static final Duration LEAVE_LIMIT = Duration.ofSeconds(12);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);

  /** What somebody at a terminal reads after Ctrl-C. */
  static final String TOLD = "chaos: ending all parts; once more kills them";

  private final Parts parts;
  private final Thread rounds = Thread.currentThread();
  private final Thread hook = new Thread(this::told, "sandbeam-chaos-end");
  private final AtomicBoolean taken = new AtomicBoolean();
  private final CountDownLatch left = new CountDownLatch(1);
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** To be made by the thread that runs the rounds. */
  Ending(Parts parts) {
    this.parts = parts;
    TestEngine.DOCKER.endAfter(over);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The rounds are over, or were broken off. */
  void close() {
    left.countDown();
    if (!taken.compareAndSet(false, true)) {
      return;
    }
    try {
      end();
    } catch (IOException e) {
      throw new UncheckedIOException("Parts of " + parts.folder() + " may still run", e);
    } finally {
      forgetHook();
    }
  }

  private void forgetHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The JVM is ending: the hook finds nothing to do", e);
    }
  }

  private void told() {
    ShutdownHook.lastAct(parts::kill);
    ShutdownHook.secondSignalEndsAtOnce();
    System.err.println(TOLD);
    parts.refuse();
    try {
      if (taken.compareAndSet(false, true)) {
        rounds.setUncaughtExceptionHandler((thread, e) -> LOG.debug("The rounds break off", e));
        rounds.interrupt();
        if (!left.await(LEAVE_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          LOG.warn("The rounds were not left within {}", LEAVE_LIMIT);
        }
        end();
      } else {
        // The rounds were over, and their own end is under way.
        over.completeOnTimeout(null, END_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      StringWriter text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      System.err.println("chaos: parts of " + parts.folder() + " may still run: " + text);
    }
  }

  private void end() throws IOException {
    try {
      parts.close();
      delete(parts.folder());
    } finally {
      over.complete(null);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
