package io.sandbeam.server;

import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How many sandboxes may live at once, of one caller and in all. A place is reserved before a
 * sandbox is asked for, so that many creates at once cannot pass the limit together; a place is
 * free again when the sandbox is terminal. Thread-safe.
 */
final class Quota {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

  private final Ledger ledger;
  private final int perCaller;
  private final int total;
  private final Map<String, Integer> reserved = new HashMap<>();
  private int reservedInAll;

  Quota(Ledger ledger, int perCaller, int total) {
    this.ledger = ledger;
    this.perCaller = perCaller;
    this.total = total;
  }

  /** Takes a place. */
  synchronized void reserve(Caller caller) throws SandboxResourceExhaustedException {
    int own = reserved.getOrDefault(caller.name(), 0);
    if (ledger.live(caller.name()) + own >= perCaller) {
      throw full("'" + caller.name() + "' has " + perCaller + " live sandboxes, its limit");
    }
    if (ledger.live() + reservedInAll >= total) {
      throw full("The server has " + total + " live sandboxes, its limit");
    }
    reserved.merge(caller.name(), 1, Integer::sum);
    reservedInAll++;
  }

  /** Gives a reserved place back: to the sandbox that the ledger counts by now, or to anybody. */
  synchronized void release(Caller caller) {
    reserved.merge(caller.name(), -1, (a, b) -> a + b == 0 ? null : a + b);
    reservedInAll--;
  }

  private static SandboxResourceExhaustedException full(String what) {
    return new SandboxResourceExhaustedException(
        what + ": delete some, or ask again when they have ended", null, ASK_AGAIN);
  }
}
