package io.sandbeam.sandbox;

import io.sandbeam.sandbox.SweepTally.Phase;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a round of a sweep does with the sandboxes it knows: deletes those that live, and reads the
 * others until each is proven gone; many at a time.
 */
final class SweepVisit {
  private static final Logger LOG = LoggerFactory.getLogger(SweepVisit.class);
  private static final Duration REPORT_EVERY = Duration.ofSeconds(1);

  private final Sweep sweep;
  private final SandboxService service;
  private final Timing timing;
  private final Set<Tag> selector;
  private final Instant cutoff;
  private final SweepTally tally;
  private final AtomicBoolean foreign;
  private final Duration start;
  private final BooleanSupplier cancelled;
  private final AtomicBoolean denied = new AtomicBoolean();
  private Duration lastReport = Duration.ZERO;

  SweepVisit(
      Sweep sweep,
      Set<Tag> selector,
      Instant cutoff,
      SweepTally tally,
      AtomicBoolean foreign,
      Duration start,
      BooleanSupplier cancelled) {
    this.sweep = sweep;
    this.service = sweep.service();
    this.timing = sweep.timing();
    this.selector = selector;
    this.cutoff = cutoff;
    this.tally = tally;
    this.foreign = foreign;
    this.start = start;
    this.cancelled = cancelled;
  }

  /** Whether some sandbox could not be reached for want of the right to. */
  boolean isDenied() {
    return denied.get();
  }

  boolean isLate() {
    return elapsed().compareTo(sweep.deadline()) >= 0;
  }

  /** Brings each sandbox in these phases one step on; answers whether all of them got on. */
  CompletableFuture<Boolean> all(Set<Phase> phases) {
    List<String> ids = tally.open(phases);
    AtomicBoolean progress = new AtomicBoolean(true);
    return AsyncLoop.forEach(
            ids.iterator(),
            Math.max(1, Math.min(sweep.parallelism(), ids.size())),
            id -> one(id, progress))
        .thenApply(
            end -> {
              report();
              return progress.get();
            });
  }

  private CompletableFuture<Void> one(String id, AtomicBoolean progress) {
    if (denied.get() || isLate() || cancelled.getAsBoolean()) {
      progress.set(false);
      return CompletableFuture.completedFuture(null);
    }
    Phase phase = tally.phase(id);
    boolean alive = phase == Phase.FOUND || phase == Phase.AGAIN;
    CompletableFuture<Boolean> step = alive && sweep.dryRun() == DryRun.NO ? delete(id) : read(id);
    return step.handle(
        (gotOn, failure) -> {
          if (failure != null) {
            progress.set(false);
            failed(id, Failures.of(failure));
          } else if (!gotOn) {
            progress.set(false);
          }
          if (isReportDue()) {
            report();
          }
          return null;
        });
  }

  private CompletableFuture<Boolean> delete(String id) {
    DeleteRequest request =
        DeleteRequest.of(id).withGrace(sweep.grace()).withMissingOk(MissingOk.YES);
    RetryPolicy policy =
        RetryPolicy.CALLS.withCallLimit(sweep.grace().plus(RetryPolicy.CALLS.callLimit()));
    AtomicBoolean repeated = new AtomicBoolean();
    return new Retry(timing)
        .run(
            policy.withBudget(timeLeft()),
            "delete sandbox " + id,
            () ->
                service
                    .delete(request)
                    .whenComplete(
                        (done, failure) -> {
                          if (failure != null) {
                            repeated.set(true);
                          }
                        }))
        .handle(
            (deleted, failure) -> {
              if (failure == null) {
                deleted(id, deleted, repeated.get());
              } else if (Failures.cause(failure) instanceof SandboxNotFoundException) {
                missing(id, repeated.get());
              } else {
                throw Failures.of(failure);
              }
              return true;
            });
  }

  private void deleted(String id, DeleteResult answer, boolean repeated) {
    if (answer.sandbox().isEmpty()) {
      missing(id, repeated);
      return;
    }
    SandboxState state = answer.sandbox().get().state();
    boolean endedBefore = state == SandboxState.COMPLETED || state == SandboxState.FAILED;
    if (endedBefore && !repeated) {
      tally.expired(id);
    } else {
      tally.accepted(id);
    }
    if (state.isTerminal()) {
      tally.gone(id); // terminal is final: no read could tell more
    }
  }

  /** Gone when our delete came: by an earlier try of ours, whose answer was lost, or by another. */
  private void missing(String id, boolean repeated) {
    if (repeated) {
      tally.accepted(id);
    } else {
      tally.missing(id);
    }
  }

  private CompletableFuture<Boolean> read(String id) {
    return new Retry(timing)
        .run(RetryPolicy.POLLS.withBudget(timeLeft()), "get sandbox " + id, () -> service.get(id))
        .handle(
            (info, failure) -> {
              if (failure == null) {
                return seen(info);
              }
              if (Failures.cause(failure) instanceof SandboxNotFoundException) {
                tally.gone(id);
                return true;
              }
              throw Failures.of(failure);
            });
  }

  private boolean seen(SandboxInfo info) {
    if (info.isTerminal()) {
      tally.gone(info.id());
      return true;
    }
    if (!info.spec().tags().containsAll(selector)) {
      foreign.set(true);
      tally.forget(info.id());
      tally.problem("Sandbox " + info.id() + " is alive and not of this selection: not touched");
      return true;
    }
    if (info.createTime().isAfter(cutoff)) {
      tally.forget(info.id());
      return true;
    }
    boolean first = tally.phase(info.id()) == Phase.KNOWN;
    tally.alive(info.id());
    if (info.state() != SandboxState.TERMINATING && !first) {
      // An accepted delete that shows no effect: the next round asks again.
      tally.again(info.id());
    }
    return first;
  }

  private void failed(String id, SandboxException why) {
    tally.problem(why.getMessage());
    LOG.warn("Sandbox {} could not be swept in this round", id, why);
    if (why instanceof SandboxAuthenticationException) {
      denied.set(true);
    }
  }

  private Duration timeLeft() {
    Duration left = sweep.deadline().minus(elapsed());
    Duration budget = RetryPolicy.CALLS.budget();
    return left.compareTo(budget) < 0 ? left : budget;
  }

  private Duration elapsed() {
    return timing.elapsed().minus(start);
  }

  private synchronized boolean isReportDue() {
    return elapsed().minus(lastReport).compareTo(REPORT_EVERY) >= 0;
  }

  private void report() {
    Duration now = elapsed();
    synchronized (this) {
      lastReport = now;
    }
    try {
      sweep.progress().accept(new SweepProgress(tally.found(), tally.goneCount(), now));
    } catch (RuntimeException e) {
      LOG.warn("The listener of the sweep's progress failed", e);
    }
  }
}
