package io.sandbeam.sandbox;

import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.sandbox.SweepTally.Phase;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a sweep: the seal, then rounds: list everything, then delete or read each sandbox that
 * is not proven gone. A round whose list held nothing alive, with nothing open, counts towards the
 * proof. Ids of all pages are collected before the first delete: deleting while paging skips
 * entries.
 */
final class SweepRun {
  private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);
  private static final int EMPTY_LISTS_FOR_PROOF = 2;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** In a long quiet time it looks this often. */
  private static final Duration LONGEST_WITHOUT_A_LIST = Duration.ofSeconds(10);

  /** Seen alive at some time, and not proven gone. */
  private static final Set<Phase> SEEN =
      EnumSet.of(Phase.FOUND, Phase.DELETED, Phase.AGAIN, Phase.MISSING);

  /** Seen alive, and our delete was accepted. */
  private static final Set<Phase> STUCK = EnumSet.of(Phase.DELETED, Phase.AGAIN);

  private static final Set<Phase> OPEN = EnumSet.complementOf(EnumSet.of(Phase.GONE));

  private final Sweep sweep;
  private final SandboxService service;
  private final Timing timing;
  private final Set<Tag> selector;
  private final SweepTally tally = new SweepTally();
  private final CompletableFuture<SweepReport> result = new CompletableFuture<>();
  private final AtomicBoolean foreign = new AtomicBoolean();
  private final SweepVisit visit;
  private final Duration start;
  private final Instant startedAt;
  private final Instant cutoff;

  // Rounds follow each other, so these need no lock; the futures between them order the accesses.
  private JobSeal seal = JobSeal.NOT_ASKED;
  private int empties;
  private Duration firstEmpty;
  private Duration pause = FIRST_PAUSE;
  private int goneBefore;
  private Duration lastProgress;

  SweepRun(Sweep sweep) {
    this.sweep = sweep;
    this.service = sweep.service();
    this.timing = sweep.timing();
    this.selector = sweep.selector();
    this.start = timing.elapsed();
    this.lastProgress = start;
    this.startedAt = timing.now();
    this.cutoff = sweep.olderThan().map(age -> startedAt.minus(age)).orElse(Instant.MAX);
    this.visit = new SweepVisit(sweep, selector, cutoff, tally, foreign, start, result::isDone);
    sweep.known().forEach(tally::known);
  }

  CompletableFuture<SweepReport> run() {
    Watch.end(
        JobSeal.of(sweep, tally).thenCompose(this::rounds),
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

  private CompletableFuture<Void> rounds(JobSeal taken) {
    seal = taken;
    return AsyncLoop.whileTrue(this::round);
  }

  /** Answers whether another round is needed. */
  private CompletableFuture<Boolean> round() {
    if (result.isDone()) {
      return CompletableFuture.completedFuture(false);
    }
    AtomicBoolean listed = new AtomicBoolean();
    return new Listing(service, timing)
        .all(selector, info -> consider(info, listed))
        .thenCompose(
            end -> {
              boolean nothingAlive = !listed.get() && tally.open(SEEN).isEmpty();
              if (sweep.dryRun() == DryRun.YES && !nothingAlive) {
                return visit.all(EnumSet.of(Phase.KNOWN)).thenApply(done -> finish(Outcome.LEFT));
              }
              if (nothingAlive) {
                return emptyRound();
              }
              empties = 0;
              return visit.all(SEEN).thenCompose(this::next);
            });
  }

  /** One entry of a list. */
  private void consider(SandboxInfo info, AtomicBoolean listed) {
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
      listed.set(true);
    }
  }

  private CompletableFuture<Boolean> emptyRound() {
    pause = FIRST_PAUSE;
    Duration now = timing.elapsed();
    if (empties++ == 0) {
      firstEmpty = now;
    }
    Duration quiet = now.minus(firstEmpty);
    if (empties < EMPTY_LISTS_FOR_PROOF || quiet.compareTo(seal.quietTime()) < 0) {
      if (visit.isLate()) {
        tally.problem("The deadline came before the lists had been empty for long enough");
        return CompletableFuture.completedFuture(finish(Outcome.UNKNOWN));
      }
      Duration rest = seal.quietTime().minus(quiet);
      return rest.isNegative() || rest.isZero()
          ? CompletableFuture.completedFuture(true)
          : Delay.of(timing, shorter(rest, LONGEST_WITHOUT_A_LIST)).thenApply(due -> true);
    }
    // The lists are empty; now what only the caller knows of.
    return visit
        .all(EnumSet.of(Phase.KNOWN))
        .thenCompose(
            done -> {
              if (tally.open(OPEN).isEmpty() && !visit.isDenied()) {
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
  private CompletableFuture<Boolean> next(boolean gotOn) {
    if (visit.isDenied()) {
      return CompletableFuture.completedFuture(finish(Outcome.UNKNOWN));
    }
    Duration now = timing.elapsed();
    if (tally.goneCount() > goneBefore) {
      goneBefore = tally.goneCount();
      lastProgress = now;
    }
    boolean stalled = now.minus(lastProgress).compareTo(sweep.stallLimit()) >= 0;
    if (stalled || visit.isLate()) {
      stuck(now.minus(stalled ? lastProgress : start));
      return CompletableFuture.completedFuture(finish(Outcome.LEFT));
    }
    if (gotOn) {
      pause = FIRST_PAUSE;
      return CompletableFuture.completedFuture(true);
    }
    Duration wait = pause;
    pause = shorter(LONGEST_PAUSE, pause.multipliedBy(2));
    return Delay.of(timing, wait).thenApply(due -> true);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private void stuck(Duration time) {
    int stuck = tally.open(STUCK).size();
    if (stuck > 0) {
      tally.problem(
          "stuck: "
              + stuck
              + " did not end within "
              + Retry.seconds(time)
              + " although their deletes were accepted");
    }
  }

  /** Ends the loop: answers that no other round is needed. */
  private boolean finish(Outcome outcome) {
    List<String> left = tally.open(OPEN);
    int stuck = tally.open(STUCK).size();
    int alive = sweep.dryRun() == DryRun.YES ? tally.open(EnumSet.of(Phase.FOUND)).size() : 0;
    result.complete(
        new SweepReport(
            outcome,
            seal.sealing(),
            selector,
            tally.found(),
            tally.deleted(),
            tally.alreadyGone(),
            tally.expired(),
            stuck,
            left.size() - stuck - alive,
            left.size(),
            left.subList(0, Math.min(SweepReport.SHOWN_IDS, left.size())),
            empties,
            seal.quietTime(),
            hosts(),
            tally.problems(),
            startedAt,
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
