package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Watches the state of one sandbox, with one loop for all who wait, and none while nobody does.
 *
 * <p>The first look comes at once, further ones after 0.2 s, growing by half up to 2 s (the numbers
 * of the Sandbox v1 SDKs); when somebody joins, the intervals begin anew. Where a look is free, in
 * a service of this JVM, they begin with 10 ms.
 */
final class Poller {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(2);

  /** A look that took no longer is free: a service in this JVM, whose sandboxes end in no time. */
  private static final Duration FREE_LOOK = Duration.ofMillis(5);

  private static final Duration INTERVAL_OF_FREE_LOOKS = Duration.ofMillis(10);

  private record Waiter(
      Predicate<SandboxInfo> until,
      Duration deadline,
      String timeoutMessage,
      CompletableFuture<SandboxInfo> answer) {}

  private final SandboxService service;
  private final String id;
  private final Timing timing;
  private final Consumer<SandboxInfo> observer;
  private final Retry retry;
  private final List<Waiter> waiters = new ArrayList<>();
  private Backoff streak;
  private Duration interval = INTERVAL;
  private Duration shortest = INTERVAL;
  private Duration lookStarted;
  private Timing.Timer next;
  private Duration lastLook;
  private boolean looking;

  /**
   * @param observer told of every state seen, before those who wait for it
   */
  Poller(SandboxService service, String id, Timing timing, Consumer<SandboxInfo> observer) {
    this.service = service;
    this.id = id;
    this.timing = timing;
    this.observer = observer;
    this.retry = new Retry(timing);
    this.streak = new Backoff(RetryPolicy.POLLS, timing);
  }

  /**
   * Waits for a state. Fails with a {@link SandboxTimeoutException} after {@code limit}, with
   * {@link io.sandbeam.service.SandboxNotFoundException} at once, and with what the service says
   * when it cannot be reached for the budget of {@link RetryPolicy#POLLS}.
   */
  CompletableFuture<SandboxInfo> await(
      Predicate<SandboxInfo> until, Duration limit, String timeoutMessage) {
    CompletableFuture<SandboxInfo> answer = new CompletableFuture<>();
    synchronized (this) {
      waiters.add(new Waiter(until, timing.elapsed().plus(limit), timeoutMessage, answer));
      interval = shortest;
      if (looking) {
        return answer;
      }
      if (next != null) {
        next.cancel();
      }
      Duration rest = untilNextLook();
      if (!rest.isZero()) {
        next = timing.schedule(rest, this::lookAgain);
        return answer;
      }
      next = null;
      looking = true;
    }
    look();
    return answer;
  }

  /** Zero at first; afterwards a shortest interval lies between two looks, whoever joins. */
  private Duration untilNextLook() {
    Duration rest =
        lastLook == null ? Duration.ZERO : shortest.minus(timing.elapsed().minus(lastLook));
    return rest.isNegative() ? Duration.ZERO : rest;
  }

  private void look() {
    synchronized (this) {
      lookStarted = timing.elapsed();
    }
    Watch.end(
        retry.once(RetryPolicy.POLLS.callLimit(), "get sandbox " + id, () -> service.get(id)),
        (info, failure) -> {
          if (failure == null) {
            seen(info);
          } else {
            failed(Failures.of(failure));
          }
        });
  }

  private void seen(SandboxInfo info) {
    observer.accept(info);
    List<Waiter> done = new ArrayList<>();
    synchronized (this) {
      streak = new Backoff(RetryPolicy.POLLS, timing);
      for (Waiter waiter : waiters) {
        if (waiter.until().test(info)) {
          done.add(waiter);
        }
      }
      waiters.removeAll(done);
    }
    done.forEach(waiter -> waiter.answer().complete(info));
    again(Optional.empty());
  }

  private void failed(SandboxException why) {
    Optional<Duration> wait;
    Backoff streak;
    List<Waiter> given = List.of();
    synchronized (this) {
      streak = this.streak;
      wait = streak.after(why);
      if (wait.isEmpty()) {
        given = List.copyOf(waiters);
        waiters.clear();
        this.streak = new Backoff(RetryPolicy.POLLS, timing);
      }
    }
    SandboxException last = Retry.gaveUp("read the state of sandbox " + id, streak, why);
    given.forEach(waiter -> waiter.answer().completeExceptionally(last));
    again(wait);
  }

  /** Schedules the next look when somebody still waits; ends the wait of those whose time is up. */
  private void again(Optional<Duration> backoff) {
    List<Waiter> late = new ArrayList<>();
    synchronized (this) {
      Duration now = timing.elapsed();
      Duration soonest = null;
      for (Waiter waiter : waiters) {
        Duration left = waiter.deadline().minus(now);
        if (left.isNegative() || left.isZero()) {
          late.add(waiter);
        } else if (soonest == null || left.compareTo(soonest) < 0) {
          soonest = left;
        }
      }
      waiters.removeAll(late);
      looking = false;
      lastLook = now;
      boolean free = now.minus(lookStarted).compareTo(FREE_LOOK) < 0;
      Duration before = shortest;
      shortest = free ? INTERVAL_OF_FREE_LOOKS : INTERVAL;
      if (interval.equals(before) || interval.compareTo(shortest) < 0) {
        interval = shortest;
      }
      if (!waiters.isEmpty()) {
        Duration wait = backoff.orElse(interval);
        if (backoff.isEmpty()) {
          interval = longer(interval);
        }
        next = timing.schedule(wait.compareTo(soonest) < 0 ? wait : soonest, this::lookAgain);
      }
    }
    late.forEach(
        waiter ->
            waiter
                .answer()
                .completeExceptionally(new SandboxTimeoutException(waiter.timeoutMessage(), null)));
  }

  /** Doubles up to the usual interval, then grows by half up to the longest. */
  private static Duration longer(Duration interval) {
    Duration next =
        interval.compareTo(INTERVAL) < 0
            ? min(interval.multipliedBy(2), INTERVAL)
            : interval.multipliedBy(3).dividedBy(2);
    return min(next, LONGEST_INTERVAL);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private void lookAgain() {
    synchronized (this) {
      if (looking || waiters.isEmpty()) {
        return;
      }
      next = null;
      looking = true;
    }
    look();
  }
}
