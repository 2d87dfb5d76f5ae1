package io.sandbeam.sandbox;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A wait without a thread. */
final class Delay {
  private Delay() {}

  static CompletableFuture<Void> of(Timing timing, Duration delay) {
    CompletableFuture<Void> due = new CompletableFuture<>();
    timing.schedule(delay, () -> due.complete(null));
    return due;
  }
}
