package io.sandbeam.service.http;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Who takes one of the places for sandboxes: creates under way, sandboxes that are alive, and
 * creates in doubt, for as long as what they may have made can live. Not thread-safe.
 */
final class Places {
  /** A service counts a lifetime from its own start of the sandbox. */
  private static final Duration LEEWAY = Duration.ofMinutes(2);

  private final int most;
  private final LongSupplier clock;

  /** By id, or by request for a create in doubt: when the place is free at the latest. */
  private final Map<String, Long> taken = new HashMap<>();

  private int creating;

  Places(int most, LongSupplier clock) {
    this.most = most;
    this.clock = clock;
  }

  /** Whether an earlier try of this request is in doubt: the next one needs no other place. */
  boolean holds(String request) {
    return taken.containsKey(doubt(request));
  }

  boolean hasRoomFor(String request) {
    if (taken.size() + creating >= most) {
      long now = clock.getAsLong();
      taken.values().removeIf(end -> end - now < 0);
    }
    return (long) taken.size() + creating < most || holds(request);
  }

  /**
   * A create goes out.
   *
   * @return until when an earlier try of it holds its place
   */
  Optional<Long> take(String request) {
    creating++;
    return Optional.ofNullable(taken.remove(doubt(request)));
  }

  /** It was answered. */
  void created(SandboxInfo info) {
    creating--;
    alive(info);
  }

  /** It failed; what it, or an earlier try, may have made all the same takes a place. */
  void failed(String request, Throwable failure, Duration lifetime, Optional<Long> earlier) {
    creating--;
    if (!(failure instanceof SandboxException e) || e.effect() == Effect.UNKNOWN) {
      taken.put(doubt(request), until(lifetime));
    } else {
      earlier.ifPresent(end -> taken.put(doubt(request), end));
    }
  }

  /** Whether a place became free. */
  boolean ended(String id) {
    return taken.remove(id) != null;
  }

  /** Gives a create in doubt its name, if this is what it made: its request is written there. */
  boolean found(SandboxInfo info) {
    boolean inDoubt = false;
    for (String text : info.spec().annotations().values()) {
      inDoubt |= taken.remove(doubt(text)) != null;
    }
    if (inDoubt) {
      alive(info);
    }
    return inDoubt;
  }

  private void alive(SandboxInfo info) {
    if (!info.isTerminal()) {
      taken.put(info.id(), until(info.effectiveMaxLifetime()));
    }
  }

  private long until(Duration lifetime) {
    return clock.getAsLong() + lifetime.plus(LEEWAY).toNanos();
  }

  private static String doubt(String request) {
    return "request " + request;
  }
}
