package io.sandbeam.server;

import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How much of something may be in use at once, over all requests: bytes of bodies, files and
 * output, or requests whose bodies come in. Who comes when it is used up is told to come again;
 * nobody runs the server out of it. Who has none of it may always have what is left, and who has
 * some no more than a share: so nobody keeps all others out. Thread-safe.
 */
final class Budget {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private final String what;
  private final long limit;
  private final long perCaller;
  private final Map<String, Long> used = new HashMap<>();
  private long usedInAll;

  /** A part of the budget; closing it more than once gives it back once. */
  final class Share implements AutoCloseable {
    private final Caller caller;
    private long amount;

    private Share(Caller caller, long amount) {
      this.caller = caller;
      this.amount = amount;
    }

    @Override
    public void close() {
      synchronized (Budget.this) {
        add(caller, -amount);
        amount = 0;
      }
    }
  }

  /**
   * @param what for messages: {@code bytes in flight}
   */
  Budget(String what, long limit, long perCaller) {
    this.what = what;
    this.limit = limit;
    this.perCaller = perCaller;
  }

  synchronized Share take(Caller caller, long amount) throws SandboxResourceExhaustedException {
    long own = used.getOrDefault(caller.name(), 0L);
    if (usedInAll + amount > limit) {
      throw full("The server has " + limit);
    }
    if (own > 0 && own + amount > perCaller) {
      throw full("'" + caller.name() + "' has " + perCaller);
    }
    add(caller, amount);
    return new Share(caller, amount);
  }

  synchronized long used() {
    return usedInAll;
  }

  private void add(Caller caller, long amount) {
    usedInAll += amount;
    used.merge(caller.name(), amount, (a, b) -> a + b == 0 ? null : a + b);
  }

  private SandboxResourceExhaustedException full(String who) {
    return new SandboxResourceExhaustedException(
        who + " " + what + ", the most there may be: ask again", null, ASK_AGAIN);
  }
}
