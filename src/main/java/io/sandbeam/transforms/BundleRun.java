package io.sandbeam.transforms;

import io.sandbeam.service.ExecRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.Row;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.joda.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of one bundle. They run on threads of others; outcomes wait here until the runner's
 * own thread comes by and emits them, since output from any other thread is lost, or worse.
 *
 * <p>{@link #submit} and {@link #finish} are for the runner's thread; {@link #abort} is for any.
 */
final class BundleRun {
  private static final Logger LOG = LoggerFactory.getLogger(BundleRun.class);

  /** A waiting thread looks around this often even when nobody wakes it. */
  private static final long LOOK_AROUND_MS = 1000;

  /** How long an abort waits for the end of the bundle's sandboxes; it goes on behind. */
  private static final Duration ABORT_DEADLINE = Duration.ofSeconds(5);

  private final ExecMetrics metrics;
  private final Set<CommandRun> running = Collections.synchronizedSet(new LinkedHashSet<>());
  private final Queue<Finished> finished = new ConcurrentLinkedQueue<>();
  private Worker worker;
  private SandboxSource source;
  private volatile boolean aborted;
  private volatile boolean lost;

  BundleRun(ExecMetrics metrics) {
    this.metrics = metrics;
  }

  /** An element and where it stands in time. */
  record Place(Row element, Instant timestamp, Collection<? extends BoundedWindow> windows) {}

  /**
   * An outcome that can be emitted.
   *
   * @param inFlight what counts its bytes until then; not for ever that of the bundle's worker
   */
  record Finished(Place place, Outcome outcome, long queueMs, @Nullable InFlight inFlight) {}

  /** Emits outcomes; only ever called on the runner's thread. */
  interface Emitter {
    void emit(Finished finished);
  }

  /**
   * Starts a command as soon as there is room, and emits what has finished meanwhile. Blocks while
   * the worker is full.
   */
  void submit(Worker through, CommandPlan plan, ExecRequest request, Place place, Emitter emitter)
      throws InterruptedException {
    long queued = System.nanoTime();
    while (true) {
      long seen = through.inFlight().version();
      if (trySubmit(through, plan, request, place, emitter, queued)) {
        return;
      }
      through.inFlight().await(seen, LOOK_AROUND_MS);
    }
  }

  /**
   * As {@link #submit}, but does not wait for room: answers whether there was some.
   *
   * @param queued when the wait for room began, by {@link System#nanoTime}
   */
  boolean trySubmit(
      Worker through,
      CommandPlan plan,
      ExecRequest request,
      Place place,
      Emitter emitter,
      long queued) {
    use(through);
    InFlight inFlight = worker.inFlight();
    long mayHold = 2L * request.maxOutputBytes();
    look(emitter);
    requireAlive();
    if (!inFlight.tryEnter(mayHold, running.isEmpty())) {
      return false;
    }
    long queueMs = (System.nanoTime() - queued) / 1_000_000;
    CommandRun run = new CommandRun(worker, source, plan, request);
    running.add(run);
    run.whenKnown(
        outcome -> {
          keep(place, outcome, queueMs, mayHold, inFlight);
          inFlight.commandEnded();
        });
    run.whenSettled(
        () -> {
          running.remove(run);
          inFlight.sandboxReturned();
        });
    run.start();
    if (aborted) {
      // The abort may have gone through the list just before this one was on it.
      run.cancel();
    }
    return true;
  }

  /** The worker of the bundle: another one when its session was closed for being idle. */
  private void use(Worker through) {
    if (worker != through) {
      worker = through;
      source = through.sourceOfBundle();
    }
  }

  private void keep(
      Place place, Optional<Outcome> outcome, long queueMs, long mayHold, InFlight inFlight) {
    synchronized (this) {
      if (outcome.isPresent() && !aborted) {
        inFlight.resize(mayHold, outcome.get().heldBytes());
        finished.add(new Finished(place, outcome.get(), queueMs, inFlight));
        return;
      }
      lost |= outcome.isEmpty();
    }
    inFlight.resize(mayHold, 0);
  }

  /** Tells what there is to tell, also while a quota holds every command back. */
  private void look(Emitter emitter) {
    drain(emitter);
    metrics.throttled(worker.newlyThrottledMs());
  }

  /** Emits what has finished, without waiting. */
  private void drain(Emitter emitter) {
    for (Finished next = finished.poll(); next != null; next = finished.poll()) {
      next.inFlight().resize(next.outcome().heldBytes(), 0);
      emitter.emit(next);
    }
  }

  /** Waits for every command and every stop of the bundle, and emits. */
  void finish(Emitter emitter) throws InterruptedException {
    if (worker == null) {
      return;
    }
    while (true) {
      long seen = worker.inFlight().version();
      if (isFinished(emitter)) {
        break;
      }
      worker.inFlight().await(seen, LOOK_AROUND_MS);
    }
    try {
      retireOwn().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a source's retirement never fails", e);
    }
  }

  /** Emits what there is; answers whether that was all, and every stop is over, too. */
  boolean isFinished(Emitter emitter) {
    if (worker == null) {
      return true;
    }
    look(emitter);
    if (running.isEmpty() && finished.isEmpty() && !lost) {
      return true;
    }
    requireAlive();
    return false;
  }

  /** Ends the sandboxes that only this bundle uses. Never exceptionally. */
  CompletableFuture<Void> retireOwn() {
    return worker != null && worker.config().exec().isolation() == Isolation.BUNDLE
        ? source.retire()
        : CompletableFuture.completedFuture(null);
  }

  private void requireAlive() {
    if (aborted) {
      throw new IllegalStateException("Torn down while commands of a bundle were running");
    }
    if (lost || worker.isClosed()) {
      throw new IllegalStateException(
          "The session of "
              + worker.config()
              + " was closed while commands of a bundle were running");
    }
  }

  /**
   * Kills the bundle's commands and ends their sandboxes, so that a retry of the bundle does not
   * run beside them. Never throws; waits a few seconds at most; an interrupt is there again
   * afterwards.
   */
  void abort() {
    giveUp();
    if (worker == null) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      awaitEnd();
      retireOwn().get(ABORT_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{}: sandboxes of a bundle that was given up are still ending", worker.config(), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The abort without the wait. */
  void giveUp() {
    synchronized (this) {
      aborted = true;
    }
    List<CommandRun> cancelled;
    synchronized (running) {
      cancelled = List.copyOf(running);
    }
    cancelled.forEach(CommandRun::cancel);
    if (worker != null) {
      drain(dropped -> {});
      worker.inFlight().changed();
    }
  }

  private void awaitEnd() throws InterruptedException {
    long end = System.nanoTime() + ABORT_DEADLINE.toNanos();
    while (!running.isEmpty()) {
      long seen = worker.inFlight().version();
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        LOG.warn(
            "{}: {} commands of a bundle that was given up are still ending",
            worker.config(),
            running.size());
        return;
      }
      if (!running.isEmpty()) {
        worker.inFlight().await(seen, Math.min(left, LOOK_AROUND_MS));
      }
    }
  }
}
