package io.sandbeam.server;

import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How many sandboxes may live at once, of one caller and in all, and how much memory their specs
 * may take, those of ended ones included as long as they are remembered. A place is reserved before
 * a sandbox is asked for, so that many creates at once cannot pass the limits together; a place is
 * free again when the sandbox is terminal. Thread-safe.
 */
final class Quota {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

  private final Ledger ledger;
  private final int perCaller;
  private final int total;
  private final long bytes;
  private final Map<String, Place> reserved = new HashMap<>();

  /** What is reserved, of one caller. */
  private record Place(int sandboxes, long bytes) {
    static final Place NONE = new Place(0, 0);

    Place plus(int more, long moreBytes) {
      return new Place(sandboxes + more, bytes + moreBytes);
    }
  }

  /**
   * @param bytes of the specs of all callers together; one caller's may have half of it
   */
  Quota(Ledger ledger, int perCaller, int total, long bytes) {
    this.ledger = ledger;
    this.perCaller = perCaller;
    this.total = total;
    this.bytes = bytes;
  }

  /** Takes a place for a spec of so many bytes. */
  synchronized void reserve(Caller caller, long weight) throws SandboxResourceExhaustedException {
    String name = caller.name();
    Place own = reserved.getOrDefault(name, Place.NONE);
    Place all = reserved.values().stream().reduce(Place.NONE, Quota::sum);
    if (weight > bytes / 2) {
      throw new SandboxValidationException(
          "sandbox.spec",
          "Invalid sandbox.spec: its "
              + weight
              + " bytes are above "
              + bytes / 2
              + ", what this server remembers of one caller: write the files when it runs");
    }
    if (ledger.live(name) + own.sandboxes() >= perCaller) {
      throw full("'" + name + "' has " + perCaller + " live sandboxes, its limit");
    }
    if (ledger.live() + all.sandboxes() >= total) {
      throw full("The server has " + total + " live sandboxes, its limit");
    }
    if (ledger.bytes(name) + own.bytes() + weight > bytes / 2) {
      throw full("The specs of '" + name + "' take " + bytes / 2 + " bytes, its limit");
    }
    if (ledger.bytes() + all.bytes() + weight > bytes) {
      throw full("All specs here take " + bytes + " bytes, the limit");
    }
    reserved.put(name, own.plus(1, weight));
  }

  /** Gives a reserved place back: to the sandbox that the ledger counts by now, or to anybody. */
  synchronized void release(Caller caller, long weight) {
    reserved.computeIfPresent(
        caller.name(), (name, place) -> place.sandboxes() == 1 ? null : place.plus(-1, -weight));
  }

  private static Place sum(Place one, Place other) {
    return one.plus(other.sandboxes(), other.bytes());
  }

  private static SandboxResourceExhaustedException full(String what) {
    return new SandboxResourceExhaustedException(
        what + ": delete some, or ask again when they have ended", null, ASK_AGAIN);
  }
}
