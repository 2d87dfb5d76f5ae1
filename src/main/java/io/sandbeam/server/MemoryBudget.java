package io.sandbeam.server;

import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of bodies, files and captured output may be in flight at once, over all requests.
 * Who comes when it is used up is told to come again; nobody runs the server out of memory.
 * Thread-safe.
 */
final class MemoryBudget {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  /** A part of the budget; closing it more than once gives it back once. */
  final class Share implements AutoCloseable {
    private final long bytes;
    private final AtomicBoolean open = new AtomicBoolean(true);

    private Share(long bytes) {
      this.bytes = bytes;
    }

    @Override
    public void close() {
      if (open.getAndSet(false)) {
        used.addAndGet(-bytes);
      }
    }
  }

  MemoryBudget(long limit) {
    this.limit = limit;
  }

  Share take(long bytes) throws SandboxResourceExhaustedException {
    if (used.addAndGet(bytes) > limit) {
      used.addAndGet(-bytes);
      throw new SandboxResourceExhaustedException(
          "The server moves as many bytes as its memory allows, " + limit + ": ask again",
          null,
          ASK_AGAIN);
    }
    return new Share(bytes);
  }

  long used() {
    return used.get();
  }
}
