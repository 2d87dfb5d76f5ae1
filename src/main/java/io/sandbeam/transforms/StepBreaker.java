package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.sandbox.Timing;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a worker from creating sandboxes when far more of its step are alive than all its workers
 * can use: those of workers that died, say, where no lease ends them. The {@link CreationBreaker}
 * does not see these, since they carry another worker's tag.
 *
 * <p>It works where the number of workers is known, but for steps whose bundles have sandboxes of
 * their own: how many bundles another worker has open is not known here. With several workers it
 * needs a {@code concurrency} that was set: else each has what its processors make it.
 *
 * <p>It counts what was alive a quiet time ago and still is, by the clock of the service. So one
 * look is enough, and a worker that replaces a dead one needs no memory. A look lists the whole
 * step; each worker takes it in about one of as many rounds as there are workers.
 *
 * <p>It lets commands through again when no more are alive than all workers can use.
 */
final class StepBreaker {
  private static final Logger LOG = LoggerFactory.getLogger(StepBreaker.class);

  private final StepConfig config;
  private final int workers;
  private final SandboxService service;
  private final Timing timing;
  private Duration nextRound;
  private boolean looking;
  private String tripped;
  private Instant serversTime = Instant.EPOCH;
  private Duration readAt;

  /** From when to when the service lets a sandbox live. */
  private record Life(Instant birth, Instant end) {
    static Life of(SandboxInfo info) {
      return new Life(info.createTime(), info.createTime().plus(info.effectiveMaxLifetime()));
    }
  }

  StepBreaker(StepConfig config, SandboxService service, Timing timing) {
    this.config = config;
    this.workers = isBoundKnown(config) ? config.workers() : WorkerCount.UNKNOWN;
    this.service = service;
    this.timing = timing;
    this.readAt = timing.elapsed();
    // Soon: a worker that dies again and again would never come to a later one.
    this.nextRound = timing.elapsed().plus(CreationBreaker.LOOK_SOON);
  }

  /** Whether another worker can use as many as this one. */
  private static boolean isBoundKnown(StepConfig config) {
    boolean sameEverywhere = config.concurrency() > 0 || config.workers() == 1;
    return config.exec().isolation() != Isolation.BUNDLE && sameEverywhere;
  }

  /**
   * A sandbox may be created next. Waits for nothing: a look that is due goes on behind.
   *
   * @param most how many one worker's commands can use at a time
   * @throws TooManySandboxesException when too many are alive
   */
  void check(int most) {
    if (workers != WorkerCount.UNKNOWN && isLookDue()) {
      look(most);
    }
    synchronized (this) {
      if (tripped != null) {
        throw new TooManySandboxesException(tripped);
      }
    }
  }

  private synchronized boolean isLookDue() {
    Duration now = timing.elapsed();
    if (looking || now.compareTo(nextRound) < 0) {
      return false;
    }
    nextRound = now.plus(tripped == null ? CreationBreaker.LOOK_EVERY : CreationBreaker.LOOK_SOON);
    // A tripped one looks each time: it holds up all its commands.
    looking = tripped != null || timing.random().nextInt(workers) == 0;
    return looking;
  }

  private void look(int most) {
    List<Life> lives = new ArrayList<>();
    Watch.end(
        Sandboxes.count(
            service,
            config.selector(),
            info -> lives.add(Life.of(info)),
            Integer.MAX_VALUE,
            timing),
        (count, failure) -> {
          synchronized (this) {
            looking = false;
          }
          if (failure == null) {
            seen(lives, (int) Math.min(Integer.MAX_VALUE, (long) most * workers));
          } else {
            LOG.debug("{}: the sandboxes of all workers could not be counted", config, failure);
          }
        });
  }

  private synchronized void seen(List<Life> lives, int all) {
    Instant now = serversTime(lives);
    Instant quietTimeAgo = now.minus(CreationBreaker.QUIET_TIME);
    // Not those that end by themselves about now.
    List<Life> alive = lives.stream().filter(life -> life.end().isAfter(now)).toList();
    long old = alive.stream().filter(life -> !life.birth().isAfter(quietTimeAgo)).count();
    if (tripped == null && old > CreationBreaker.bound(all)) {
      tripped = message(old, all);
      LOG.error("{}", tripped);
    } else if (tripped != null && alive.size() <= all) {
      LOG.warn("{}: {} sandboxes of all workers are alive, so it goes on", config, alive.size());
      tripped = null;
    }
  }

  /** At least: the newest birth ever seen, and the time since then. */
  private Instant serversTime(List<Life> lives) {
    Duration elapsed = timing.elapsed();
    serversTime = serversTime.plus(elapsed.minus(readAt));
    readAt = elapsed;
    for (Life life : lives) {
      serversTime = life.birth().isAfter(serversTime) ? life.birth() : serversTime;
    }
    return serversTime;
  }

  private String message(long count, int all) {
    return "Too many sandboxes of job "
        + config.jobId()
        + ", step "
        + config.step()
        + ": "
        + count
        + " are older than "
        + CreationBreaker.QUIET_TIME.toSeconds()
        + " s and alive, and all workers, "
        + workers
        + " at most, can use "
        + all
        + ". This worker creates no more until they are down to that: workers that died have left"
        + " them, or they do not end when they are deleted. To see them, type: scripts/sandbeam list"
        + " --tag="
        + Tag.job(config.jobId())
        + "; to end them when the job is over: "
        + config.sweepCommand();
  }
}
