package io.sandbeam.sandbox;

import io.sandbeam.sandbox.SweepReport.Outcome;
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
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a sweep, in rounds: list everything, then delete or read each sandbox that is not
 * proven gone. A round whose list held nothing alive, with nothing open, counts towards the proof.
 * Ids of all pages are collected before the first delete: deleting while paging skips entries.
 */
final class SweepRun {
  private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);
  private static final int EMPTY_LISTS_FOR_PROOF = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** Seen alive at some time, and not proven gone. */
  private static final Set<Phase> SEEN = EnumSet.of(Phase.FOUND, Phase.DELETED, Phase.MISSING);

  private static final Set<Phase> OPEN = EnumSet.complementOf(EnumSet.of(Phase.GONE));

  private final Sweep sweep;
  private final SandboxService service;
  private final Timing timing;
  private final Set<Tag> selector;
  private final SweepTally tally = new SweepTally();
  private final CompletableFuture<SweepReport> result = new CompletableFuture<>();
  private final AtomicBoolean denied = new AtomicBoolean();
  private final AtomicBoolean foreign = new AtomicBoolean();
  private final Duration start;
  private final Instant cutoff;

  // Rounds follow each other, so these need no lock; the futures between them order the accesses.
  private int empties;
  private Duration firstEmpty;
  private Duration pause = FIRST_PAUSE;

  SweepRun(Sweep sweep) {
    this.sweep = sweep;
    this.service = sweep.service();
    this.timing = sweep.timing();
    this.selector = sweep.selector();
    this.start = timing.elapsed();
    this.cutoff = sweep.olderThan().map(age -> timing.now().minus(age)).orElse(Instant.MAX);
    sweep.known().forEach(tally::known);
  }

  CompletableFuture<SweepReport> run() {
    Watch.end(
        AsyncLoop.whileTrue(this::round),
        (end, failure) -> {
          if (failure != null) {
            SandboxException why = Failures.of(failure);
            tally.problem(why.getMessage());
            LOG.warn("The sweep of {} failed", selector, why);
            finish(Outcome.UNKNOWN);
          }
        });
    return result;
  }

  /** Answers whether another round is needed. */
  private CompletableFuture<Boolean> round() {
    if (result.isDone()) {
      return CompletableFuture.completedFuture(false);
    }
    Set<String> listed = new LinkedHashSet<>();
    return new Listing(service, timing)
        .all(selector, info -> consider(info, listed))
        .thenCompose(
            end -> {
              boolean nothingAlive = listed.isEmpty() && tally.open(SEEN).isEmpty();
              if (sweep.dryRun() == DryRun.YES && !nothingAlive) {
                return visitAll(Phase.KNOWN).thenApply(done -> finish(Outcome.LEFT));
              }
              if (nothingAlive) {
                return emptyRound();
              }
              empties = 0;
              return visitAll(Phase.FOUND, Phase.DELETED, Phase.MISSING).thenCompose(this::next);
            });
  }

  /** One entry of a list. */
  private void consider(SandboxInfo info, Set<String> listed) {
    if (info.isTerminal() || tally.phase(info.id()) == Phase.GONE) {
      return;
    }
    if (!info.spec().tags().containsAll(selector)) {
      foreign.set(true);
      tally.problem(
          "The service listed sandbox "
              + info.id()
              + " although it does not carry "
              + Tag.join(selector)
              + ": not touched");
      return;
    }
    if (!info.createTime().isAfter(cutoff)) {
      tally.alive(info.id());
      listed.add(info.id());
    }
  }

  private CompletableFuture<Boolean> emptyRound() {
    pause = FIRST_PAUSE;
    Duration now = timing.elapsed();
    if (empties++ == 0) {
      firstEmpty = now;
    }
    Duration quiet = now.minus(firstEmpty);
    if (empties < EMPTY_LISTS_FOR_PROOF || quiet.compareTo(sweep.quietTime()) < 0) {
      if (late()) {
        tally.problem("The deadline came before the lists had been empty for long enough");
        return CompletableFuture.completedFuture(finish(Outcome.UNKNOWN));
      }
      Duration rest = sweep.quietTime().minus(quiet);
      return rest.isNegative() || rest.isZero()
          ? CompletableFuture.completedFuture(true)
          : Delay.of(timing, rest).thenApply(due -> true);
    }
    // The lists are empty; now what only the caller knows of.
    return visitAll(Phase.KNOWN)
        .thenCompose(
            done -> {
              if (tally.open(OPEN).isEmpty() && !denied.get()) {
                return CompletableFuture.completedFuture(
                    finish(foreign.get() ? Outcome.UNKNOWN : Outcome.EMPTY));
              }
              if (sweep.dryRun() == DryRun.YES && !tally.open(SEEN).isEmpty()) {
                return CompletableFuture.completedFuture(finish(Outcome.LEFT));
              }
              empties = 0;
              return next(done);
            });
  }

  /** After a round with work: again at once when it got on, else after a pause; or the end. */
  private CompletableFuture<Boolean> next(boolean progress) {
    if (denied.get()) {
      return CompletableFuture.completedFuture(finish(Outcome.UNKNOWN));
    }
    if (late()) {
      stuck();
      return CompletableFuture.completedFuture(finish(Outcome.LEFT));
    }
    if (progress) {
      pause = FIRST_PAUSE;
      return CompletableFuture.completedFuture(true);
    }
    Duration wait = pause;
    Duration longer = pause.multipliedBy(3).dividedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    return Delay.of(timing, wait).thenApply(due -> true);
  }

  private void stuck() {
    int stuck = tally.open(EnumSet.of(Phase.DELETED)).size();
    if (stuck > 0) {
      tally.problem(
          "stuck: "
              + stuck
              + " did not end within "
              + Retry.seconds(sweep.deadline())
              + " although their deletes were accepted");
    }
  }

  /** Brings each sandbox in these phases one step on; answers whether all of them got on. */
  private CompletableFuture<Boolean> visitAll(Phase first, Phase... more) {
    List<String> ids = tally.open(EnumSet.of(first, more));
    AtomicBoolean progress = new AtomicBoolean(true);
    return AsyncLoop.forEach(
            ids.iterator(),
            Math.max(1, Math.min(sweep.parallelism(), ids.size())),
            id -> {
              if (denied.get() || result.isDone()) {
                return CompletableFuture.completedFuture(null);
              }
              CompletableFuture<Boolean> step =
                  tally.phase(id) == Phase.FOUND && sweep.dryRun() == DryRun.NO
                      ? delete(id)
                      : read(id);
              return step.handle(
                  (gotOn, failure) -> {
                    if (failure != null) {
                      progress.set(false);
                      failed(id, Failures.of(failure));
                    } else if (!gotOn) {
                      progress.set(false);
                    }
                    return null;
                  });
            })
        .thenApply(
            end -> {
              report();
              return progress.get();
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
    if (endedBefore) {
      missing(id, repeated);
    } else {
      tally.accepted(id);
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

  private boolean late() {
    return timing.elapsed().minus(start).compareTo(sweep.deadline()) >= 0;
  }

  private Duration timeLeft() {
    Duration left = sweep.deadline().minus(timing.elapsed().minus(start));
    Duration budget = RetryPolicy.CALLS.budget();
    return left.compareTo(budget) < 0 ? left : budget;
  }

  private void report() {
    try {
      sweep
          .progress()
          .accept(
              new SweepProgress(tally.found(), tally.goneCount(), timing.elapsed().minus(start)));
    } catch (RuntimeException e) {
      LOG.warn("The listener of the sweep's progress failed", e);
    }
  }

  /** Ends the loop: answers that no other round is needed. */
  private boolean finish(Outcome outcome) {
    List<String> left = tally.open(OPEN);
    result.complete(
        new SweepReport(
            outcome,
            tally.found(),
            tally.deleted(),
            tally.alreadyGone(),
            left.subList(0, Math.min(SweepReport.SHOWN_IDS, left.size())),
            left.size(),
            empties,
            hosts(),
            tally.problems(),
            timing.elapsed().minus(start),
            sweep.dryRun()));
    return false;
  }

  private Set<String> hosts() {
    try {
      return service.describe().hosts();
    } catch (SandboxException e) {
      LOG.warn("The service does not say which hosts it covers", e);
      return Set.of();
    }
  }
}
