package io.sandbeam.service.http;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries calls again while that is safe and may help.
 *
 * <p>Between tries lies a random time of at least 0.2 s, growing by half up to 2 s, or what the
 * service asks for, up to 10 s (the numbers of the public SDKs). Failures have one budget; an
 * exhausted quota has a longer one, because waiting for it is how a pipeline keeps within it.
 */
final class Repeating {
  private static final Logger LOG = LoggerFactory.getLogger(Repeating.class);
  private static final Duration SHORTEST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(2);
  private static final Duration LONGEST_FOR_QUOTA = Duration.ofSeconds(10);
  private static final Duration LONGEST_HINT = Duration.ofSeconds(10);

  /** What a second try could do. */
  enum Safety {
    /** Nothing that the first one did not: tried again after every passing failure. */
    REPEATABLE,
    /** The work twice: tried again only when the first one certainly did nothing. */
    ONCE
  }

  private final ScheduledExecutorService scheduler;
  private final Throttle throttle;
  private final Duration budget;
  private final Duration quotaBudget;
  private final Set<Streak<?>> waiting = ConcurrentHashMap.newKeySet();

  Repeating(
      ScheduledExecutorService scheduler,
      Throttle throttle,
      Duration budget,
      Duration quotaBudget) {
    this.scheduler = scheduler;
    this.throttle = throttle;
    this.budget = budget;
    this.quotaBudget = quotaBudget;
  }

  /** Cancelling the future cancels the try under way, and all further ones. */
  <T> CompletableFuture<T> run(String what, Safety safety, Supplier<CompletableFuture<T>> attempt) {
    Streak<T> streak = new Streak<>(what, safety, attempt);
    streak.next();
    return streak.result;
  }

  /** Fails what waits for its next try; the scheduler has been shut down before. */
  void close() {
    waiting.forEach(streak -> streak.giveUp(new RejectedExecutionException("closed")));
  }

  private final class Streak<T> {
    private final String what;
    private final Safety safety;
    private final Supplier<CompletableFuture<T>> attempt;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile Future<?> underWay;
    private volatile Throwable last;
    private Optional<Long> firstFailure = Optional.empty();
    private Optional<Long> firstQuota = Optional.empty();
    private Duration previous = SHORTEST;

    Streak(String what, Safety safety, Supplier<CompletableFuture<T>> attempt) {
      this.what = what;
      this.safety = safety;
      this.attempt = attempt;
      Futures.onCancel(
          result,
          () -> {
            waiting.remove(this);
            if (underWay != null) {
              underWay.cancel(true);
            }
          });
    }

    void next() {
      waiting.remove(this);
      if (result.isDone()) {
        return;
      }
      CompletableFuture<T> call = attempt.get();
      underWay = call;
      Futures.end(
          call,
          (value, failure) -> {
            if (failure == null) {
              result.complete(value);
            } else {
              failed(failure);
            }
          });
      if (result.isCancelled()) {
        call.cancel(true);
      }
    }

    private void failed(Throwable failure) {
      Optional<Duration> wait =
          failure instanceof SandboxException e && mayRepeat(e) ? waitAfter(e) : Optional.empty();
      if (wait.isEmpty()) {
        result.completeExceptionally(failure);
        return;
      }
      LOG.debug("{} failed, next try in {}: {}", what, wait.get(), failure.getMessage());
      if (failure instanceof SandboxResourceExhaustedException) {
        throttle.heldBack(wait.get());
      }
      last = failure;
      waiting.add(this);
      try {
        underWay = scheduler.schedule(this::next, wait.get().toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        giveUp(e);
      }
    }

    private void giveUp(RejectedExecutionException e) {
      if (waiting.remove(this)) {
        last.addSuppressed(e);
        result.completeExceptionally(last);
      }
    }

    private boolean mayRepeat(SandboxException e) {
      boolean passing =
          e instanceof SandboxUnavailableException
              || e instanceof SandboxTimeoutException
              || e instanceof SandboxResourceExhaustedException
              || (e instanceof SandboxSnapshotException && e.retryable());
      return passing && (safety == Safety.REPEATABLE || e.effect() == Effect.NONE);
    }

    /** Empty when the budget is used up. */
    private Optional<Duration> waitAfter(SandboxException e) {
      long now = System.nanoTime();
      boolean quota = e instanceof SandboxResourceExhaustedException;
      if (quota) {
        // The service is there: a streak of other failures is over.
        firstFailure = Optional.empty();
        firstQuota = firstQuota.or(() -> Optional.of(now));
      } else {
        firstFailure = firstFailure.or(() -> Optional.of(now));
      }
      Duration spent = Duration.ofNanos(now - (quota ? firstQuota : firstFailure).orElse(now));
      Duration left = (quota ? quotaBudget : budget).minus(spent);
      if (left.isNegative() || left.isZero()) {
        return Optional.empty();
      }
      Duration wait = e.retryAfter().map(this::granted).orElseGet(() -> random(quota));
      return Optional.of(wait.compareTo(left) < 0 ? wait : left);
    }

    /** Not earlier than asked, and not all at once. */
    private Duration granted(Duration hint) {
      Duration most = hint.compareTo(LONGEST_HINT) < 0 ? hint : LONGEST_HINT;
      double factor = 1 + 0.1 * ThreadLocalRandom.current().nextDouble();
      return Duration.ofNanos((long) ((double) most.toNanos() * factor));
    }

    private Duration random(boolean quota) {
      long most =
          Math.min((quota ? LONGEST_FOR_QUOTA : LONGEST).toNanos(), previous.toNanos() * 3 / 2);
      previous =
          Duration.ofNanos(
              ThreadLocalRandom.current()
                  .nextLong(SHORTEST.toNanos(), Math.max(most, SHORTEST.toNanos() + 1)));
      return previous;
    }
  }
}
