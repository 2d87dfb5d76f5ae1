package io.sandbeam.service.http;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Holds creates back, first come, first served: so many sandboxes of this client alive at once, so
 * many creates per second.
 *
 * <p>A place is free again when the sandbox was seen at its end or was gone, or when its lifetime
 * is over; a create whose outcome is unknown keeps its place for the lifetime it asked for, and
 * goes on in it when it is asked for again. A create waits as long as others get their turn; it
 * fails when nobody did for a whole budget.
 */
final class CreateGate {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Of those in line, how many count for the longest wait: more is as good as no limit. */
  private static final int MOST_BUDGETS = 1000;

  private final ScheduledExecutorService scheduler;
  private final Throttle throttle;
  private final LongSupplier clock;
  private final Duration longestWait;
  private final int most;
  private final double perSecond;
  private final Deque<Waiting> line = new ArrayDeque<>();
  private final Places places;
  private double tokens;
  private long counted;
  private long lastTurn;
  private boolean looking;

  private record Waiting(
      long since, String request, Consumer<Optional<Long>> start, CompletableFuture<?> result) {}

  /**
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  CreateGate(
      HttpSettings settings,
      ScheduledExecutorService scheduler,
      Throttle throttle,
      LongSupplier clock) {
    this.scheduler = scheduler;
    this.throttle = throttle;
    this.clock = clock;
    this.longestWait = settings.quotaBudget();
    this.most = settings.maxSandboxes();
    this.perSecond = settings.createRate();
    this.places = new Places(most, clock);
    this.tokens = Math.max(1, Math.min(perSecond, 1e6));
    this.counted = clock.getAsLong();
    this.lastTurn = counted;
  }

  /** Creates when its turn has come. */
  CompletableFuture<SandboxInfo> pass(
      String request, Duration lifetime, Supplier<CompletableFuture<SandboxInfo>> create) {
    CompletableFuture<SandboxInfo> result = new CompletableFuture<>();
    Waiting waiting =
        new Waiting(
            clock.getAsLong(),
            request,
            earlier -> start(request, earlier, lifetime, create, result),
            result);
    synchronized (this) {
      if (places.holds(request)) {
        line.addFirst(waiting); // it takes nobody's place but its own
      } else {
        line.addLast(waiting);
      }
    }
    moveUp();
    return result;
  }

  /** This sandbox takes no place any more. */
  void ended(String id) {
    synchronized (this) {
      if (!places.ended(id)) {
        return;
      }
    }
    moveUp();
  }

  /** A list shows this sandbox, which a create in doubt may have made. */
  void found(SandboxInfo info) {
    synchronized (this) {
      if (!places.found(info)) {
        return;
      }
    }
    moveUp();
  }

  /** How long the next create may wait in line: all before it have their turn within a budget. */
  synchronized Duration longestWait() {
    return longestWait.multipliedBy(1L + Math.min(line.size(), MOST_BUDGETS));
  }

  private void start(
      String request,
      Optional<Long> earlier,
      Duration lifetime,
      Supplier<CompletableFuture<SandboxInfo>> create,
      CompletableFuture<SandboxInfo> result) {
    CompletableFuture<SandboxInfo> call = create.get();
    Futures.onCancel(result, () -> call.cancel(true));
    Futures.end(
        call,
        (info, failure) -> {
          synchronized (this) {
            if (failure == null) {
              places.created(info);
            } else {
              places.failed(request, failure, lifetime, earlier);
            }
          }
          moveUp();
        });
    Futures.pass(call, result);
  }

  /** Lets all go whose turn has come, and looks again later when some are left. */
  private void moveUp() {
    Optional<Runnable> next = admit();
    while (next.isPresent()) {
      next.get().run();
      next = admit();
    }
    lookLater();
  }

  private synchronized Optional<Runnable> admit() {
    long now = clock.getAsLong();
    tokens =
        Math.min(Math.max(1, Math.min(perSecond, 1e6)), tokens + (now - counted) / 1e9 * perSecond);
    counted = now;
    Waiting first = line.peekFirst();
    if (first == null || tokens < 1 || !places.hasRoomFor(first.request())) {
      return Optional.empty();
    }
    line.removeFirst();
    tokens -= 1;
    lastTurn = now;
    throttle.heldBack(Duration.ofNanos(now - first.since()));
    Optional<Long> earlier = places.take(first.request());
    return Optional.of(() -> first.start().accept(earlier));
  }

  private void lookLater() {
    long wait;
    synchronized (this) {
      if (line.isEmpty() || looking) {
        return;
      }
      looking = true;
      double missing = (1 - tokens) / perSecond * 1e9;
      wait =
          missing > 0 ? (long) Math.min(missing + 1, (double) LOOK_AGAIN_NANOS) : LOOK_AGAIN_NANOS;
    }
    try {
      Future<?> unused = scheduler.schedule(this::lookAgain, wait, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      closed(e);
    }
  }

  private void lookAgain() {
    Waiting late = null;
    long now = clock.getAsLong();
    synchronized (this) {
      looking = false;
      Waiting first = line.peekFirst();
      if (first != null && Math.min(now - first.since(), now - lastTurn) > longestWait.toNanos()) {
        late = line.pollFirst();
      }
    }
    if (late != null) {
      throttle.heldBack(Duration.ofNanos(now - late.since()));
      late.result().completeExceptionally(noPlace());
    }
    moveUp();
  }

  private SandboxException noPlace() {
    return new SandboxResourceExhaustedException(
        "No place for another sandbox, and none went round within "
            + longestWait
            + ": this client may have "
            + most
            + " alive at once (maxSandboxes) and create "
            + perSecond
            + " per second (createRate); raise these, or quotaBudget",
        null,
        null);
  }

  private void closed(RejectedExecutionException cause) {
    Waiting waiting = take();
    while (waiting != null) {
      waiting
          .result()
          .completeExceptionally(
              new SandboxException("This client is closed: nothing was created", cause));
      waiting = take();
    }
  }

  private synchronized Waiting take() {
    return line.pollFirst();
  }

  /** Fails all that still wait. */
  void close() {
    closed(new RejectedExecutionException("closed"));
  }
}
