package io.sandbeam.service.leased;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The sandboxes of one service instance by their ids: no more alive at once than it allows, and
 * ended ones for a while. Thread-safe.
 */
public final class LeasedSandboxes<S extends LeasedSandbox> {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final Bounds bounds;
  private final Wording wording;
  private final InstantSource clock;
  private final Map<String, S> all = new ConcurrentHashMap<>();
  private final Deque<Over<S>> ended = new ArrayDeque<>();
  private int alive;
  private boolean closed;

  /**
   * How many are kept.
   *
   * @param alive the most at once
   * @param ended the most ended ones
   * @param retention for how long an ended one is kept, unless there are too many
   */
  public record Bounds(int alive, int ended, Duration retention) {}

  /**
   * What refusals say.
   *
   * @param mostAlive the setting that bounds how many are alive
   * @param sweep the command that ends what a close has left
   */
  public record Wording(CallFailures failures, String mostAlive, String sweep) {}

  private record Over<S>(S sandbox, Runnable forgotten) {}

  /**
   * @param clock by which sandboxes end
   */
  public LeasedSandboxes(Bounds bounds, Wording wording, InstantSource clock) {
    this.bounds = bounds;
    this.wording = wording;
    this.clock = clock;
  }

  /**
   * Counts it among the live ones until it is gone; answers with the one of its id, which is
   * another when that was here before. Fails when there are too many, or this is closed.
   *
   * @param forgotten runs when it has ended and is kept no longer
   */
  public S add(S sandbox, Runnable forgotten) {
    synchronized (this) {
      if (closed) {
        throw wording.failures().closed(null);
      }
      S other = all.get(sandbox.id());
      if (other != null) {
        return other;
      }
      if (alive >= bounds.alive()) {
        throw new SandboxResourceExhaustedException(
            alive + " sandboxes are alive, as many as setting " + wording.mostAlive() + " allows",
            null,
            Duration.ofSeconds(1));
      }
      alive++;
      all.put(sandbox.id(), sandbox);
    }
    var unused = sandbox.gone().thenRun(() -> retire(new Over<>(sandbox, forgotten)));
    return sandbox;
  }

  /** It never was: it is found no more. */
  public void drop(S sandbox) {
    all.remove(sandbox.id(), sandbox);
  }

  public Optional<S> find(String id) {
    return Optional.ofNullable(id).map(all::get);
  }

  /** All that are alive or kept. */
  public Collection<S> all() {
    forgetOld();
    return all.values();
  }

  private void retire(Over<S> over) {
    synchronized (this) {
      alive--;
      ended.add(over);
    }
    forgetOld();
  }

  /** Drops the records of sandboxes that ended long ago, or are too many. */
  private void forgetOld() {
    while (true) {
      Over<S> first;
      synchronized (this) {
        first = ended.peek();
        if (first == null || (ended.size() <= bounds.ended() && isRecent(first.sandbox()))) {
          return;
        }
        ended.remove();
      }
      drop(first.sandbox());
      first.forgotten().run();
    }
  }

  private boolean isRecent(S sandbox) {
    return Duration.between(sandbox.info().endTime().orElseThrow(), clock.instant())
            .compareTo(bounds.retention())
        < 0;
  }

  /** Takes no more, ends all, and waits until they are gone. Fails when some do not go. */
  public void closeAll() {
    synchronized (this) {
      closed = true;
    }
    List<S> live = all.values().stream().filter(sandbox -> !sandbox.gone().isDone()).toList();
    live.forEach(sandbox -> sandbox.stop(Duration.ZERO));
    CompletableFuture<?> gone =
        CompletableFuture.allOf(
            live.stream().map(LeasedSandbox::gone).toArray(CompletableFuture<?>[]::new));
    try {
      gone.get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw left(live, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw left(live, e);
    }
  }

  private SandboxException left(List<S> live, Exception cause) {
    List<String> ids =
        live.stream().filter(one -> !one.gone().isDone()).map(LeasedSandbox::id).sorted().toList();
    return new SandboxException(
        "Sandboxes are left that did not end: "
            + ids
            + "; close again, or end them with "
            + wording.sweep(),
        cause);
  }
}
