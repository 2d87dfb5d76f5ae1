package io.sandbeam.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Counts the requests whose answer has not left yet, and waits until there are none. Thread-safe.
 */
final class InFlight {
  private int requests;

  synchronized void begin() {
    requests++;
  }

  synchronized void end() {
    requests--;
    if (requests == 0) {
      notifyAll();
    }
  }

  synchronized int count() {
    return requests;
  }

  /** Whether all ended in time. */
  synchronized boolean awaitNone(Duration most) throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    for (long left = most.toNanos();
        requests > 0 && left > 0;
        left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return requests == 0;
  }
}
