package io.sandbeam.service.http;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Holds creates back, first come, first served: so many sandboxes of this client alive at once, so
 * many creates per second.
 *
 * <p>A place is free again when the sandbox was seen at its end or was gone, or when its lifetime
 * is over; a create whose outcome is unknown keeps its place for the lifetime it asked for.
 */
final class CreateGate {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** A service counts a lifetime from its own start of the sandbox. */
  private static final Duration LEEWAY = Duration.ofMinutes(2);

  private final ScheduledExecutorService scheduler;
  private final Throttle throttle;
  private final Duration longestWait;
  private final int most;
  private final double perSecond;
  private final Deque<Waiting> line = new ArrayDeque<>();

  /** By id, or by request for a create in doubt: when the place is free at the latest. */
  private final Map<String, Long> alive = new HashMap<>();

  private int creating;
  private double tokens;
  private long counted = System.nanoTime();
  private boolean looking;

  private record Waiting(long since, Runnable start, CompletableFuture<?> result) {}

  CreateGate(HttpSettings settings, ScheduledExecutorService scheduler, Throttle throttle) {
    this.scheduler = scheduler;
    this.throttle = throttle;
    this.longestWait = settings.quotaBudget();
    this.most = settings.maxSandboxes();
    this.perSecond = settings.createRate();
    this.tokens = Math.max(1, Math.min(perSecond, 1e6));
  }

  /** Creates when its turn has come. */
  CompletableFuture<SandboxInfo> pass(
      String request, Duration lifetime, Supplier<CompletableFuture<SandboxInfo>> create) {
    CompletableFuture<SandboxInfo> result = new CompletableFuture<>();
    Runnable start = () -> start(request, lifetime, create, result);
    synchronized (this) {
      line.addLast(new Waiting(System.nanoTime(), start, result));
    }
    moveUp();
    return result;
  }

  /** This sandbox takes no place any more. */
  void ended(String id) {
    synchronized (this) {
      if (alive.remove(id) == null) {
        return;
      }
    }
    moveUp();
  }

  private void start(
      String request,
      Duration lifetime,
      Supplier<CompletableFuture<SandboxInfo>> create,
      CompletableFuture<SandboxInfo> result) {
    CompletableFuture<SandboxInfo> call = create.get();
    Futures.onCancel(result, () -> call.cancel(true));
    Futures.end(
        call,
        (info, failure) -> {
          synchronized (this) {
            creating--;
            if (failure == null && !info.isTerminal()) {
              alive.put(info.id(), until(info.effectiveMaxLifetime()));
            } else if (failure != null && mayExist(failure)) {
              alive.put("request " + request, until(lifetime));
            }
          }
          moveUp();
        });
    Futures.pass(call, result);
  }

  private static boolean mayExist(Throwable failure) {
    return !(failure instanceof SandboxException e) || e.effect() == Effect.UNKNOWN;
  }

  private static long until(Duration lifetime) {
    return System.nanoTime() + lifetime.plus(LEEWAY).toNanos();
  }

  /** Lets all go whose turn has come, and looks again later when some are left. */
  private void moveUp() {
    Waiting next = admit();
    while (next != null) {
      throttle.heldBack(Duration.ofNanos(System.nanoTime() - next.since()));
      if (!next.result().isDone()) {
        next.start().run();
      } else {
        synchronized (this) {
          creating--;
        }
      }
      next = admit();
    }
    lookLater();
  }

  private synchronized Waiting admit() {
    long now = System.nanoTime();
    tokens =
        Math.min(Math.max(1, Math.min(perSecond, 1e6)), tokens + (now - counted) / 1e9 * perSecond);
    counted = now;
    if (alive.size() + creating >= most) {
      alive.values().removeIf(end -> end - now < 0);
    }
    boolean room = (long) alive.size() + creating < most;
    if (line.isEmpty() || !room || tokens < 1) {
      return null;
    }
    tokens -= 1;
    creating++;
    return line.pollFirst();
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
    synchronized (this) {
      looking = false;
      Waiting first = line.peekFirst();
      if (first != null && System.nanoTime() - first.since() > longestWait.toNanos()) {
        late = line.pollFirst();
      }
    }
    if (late != null) {
      throttle.heldBack(longestWait);
      late.result()
          .completeExceptionally(
              new SandboxResourceExhaustedException(
                  "No place for another sandbox within "
                      + longestWait
                      + ": this client may have "
                      + most
                      + " alive at once (maxSandboxes) and create "
                      + perSecond
                      + " per second (createRate)",
                  null,
                  null));
    }
    moveUp();
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
