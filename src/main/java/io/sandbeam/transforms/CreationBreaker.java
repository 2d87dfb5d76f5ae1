package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.sandbox.Session;
import io.sandbeam.sandbox.Timing;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a worker from creating sandboxes when far more of its own are alive than its commands can
 * use: its deletes have no effect, say, or its creates are carried out twice.
 *
 * <p>It counts by listing, since what a session knows may be the mistake: by the tags of the job,
 * the step and this worker, so that the list is short however many workers there are, and a job
 * whose workers each keep their bound keeps its own; what no worker answers for any more is for the
 * {@link StepBreaker}. It looks now and then while commands come, and sooner when the session
 * itself tracks more than it should; never for each create.
 *
 * <p>It trips when all looks of a quiet time were above the bound: sandboxes of an earlier session
 * in this JVM that are still ending do not trip it, nor do those that have outlived their lifetime.
 * It lets commands through again when no more are alive than they can use.
 */
final class CreationBreaker {
  private static final Logger LOG = LoggerFactory.getLogger(CreationBreaker.class);

  static final Duration LOOK_EVERY = Duration.ofMinutes(1);
  static final Duration LOOK_SOON = Duration.ofSeconds(10);

  /** Longer than a session gives a stop before it calls the sandbox stuck. */
  static final Duration QUIET_TIME = Duration.ofSeconds(70);

  private final StepConfig config;
  private final String worker;
  private final Session session;
  private final SandboxService service;
  private final Timing timing;
  private final Set<Tag> tags;
  private Duration lastLook;
  private boolean looking;
  private Duration aboveSince;
  private String tripped;
  private Instant serversTime = Instant.MIN;

  CreationBreaker(
      StepConfig config, String worker, Session session, SandboxService service, Timing timing) {
    this.config = config;
    this.worker = worker;
    this.session = session;
    this.service = service;
    this.timing = timing;
    this.tags = new LinkedHashSet<>(config.selector());
    this.tags.add(Tag.worker(worker));
    this.lastLook = timing.elapsed();
  }

  /**
   * A sandbox may be created next. Waits for nothing: a look that is due goes on behind.
   *
   * @param most how many the worker's commands can use at a time
   * @throws TooManySandboxesException when too many are alive
   */
  void check(int most) {
    if (isLookDue(most)) {
      look(most);
    }
    synchronized (this) {
      if (tripped != null) {
        throw new TooManySandboxesException(tripped);
      }
    }
  }

  /** Half as many again as the worker can use. */
  static int bound(int most) {
    return (int) Math.min(Integer.MAX_VALUE, most + (most + 1L) / 2);
  }

  private synchronized boolean isLookDue(int most) {
    boolean suspicious = tripped != null || aboveSince != null || session.sandboxCount() > most;
    Duration since = timing.elapsed().minus(lastLook);
    if (looking || since.compareTo(suspicious ? LOOK_SOON : LOOK_EVERY) < 0) {
      return false;
    }
    lastLook = timing.elapsed();
    looking = true;
    return true;
  }

  private void look(int most) {
    Watch.end(
        Sandboxes.count(service, tags, this::counts, bound(most) + 1, timing),
        (count, failure) -> {
          if (failure == null) {
            seen(count, most);
          } else {
            // Nothing is known then, and nothing changes; the service's own failure is told by
            // the calls of the commands.
            LOG.debug("{}: its sandboxes could not be counted", config, failure);
          }
          synchronized (this) {
            looking = false;
          }
        });
  }

  /** Not those that end by themselves about now, by the clock of the service. */
  private synchronized boolean counts(SandboxInfo info) {
    if (info.createTime().isAfter(serversTime)) {
      serversTime = info.createTime();
    }
    return info.createTime().plus(info.effectiveMaxLifetime()).isAfter(serversTime);
  }

  private synchronized void seen(int count, int most) {
    if (count <= bound(most)) {
      aboveSince = null;
      if (tripped != null && count <= most) {
        LOG.warn("{}: {} sandboxes of this worker are alive, so it goes on", config, count);
        tripped = null;
      }
      return;
    }
    Duration now = timing.elapsed();
    if (aboveSince == null) {
      aboveSince = now;
    }
    if (tripped == null && now.minus(aboveSince).compareTo(QUIET_TIME) >= 0) {
      tripped = message(count, most);
      LOG.error("{}", tripped);
    }
  }

  private String message(int count, int most) {
    return "Too many sandboxes of job "
        + config.jobId()
        + ", step "
        + config.step()
        + ": at least "
        + count
        + " of worker "
        + worker
        + " are alive, and its commands can use "
        + most
        + ". It creates no more until they are down to that: they do not end when they are deleted,"
        + " or are created more than once. To see them, type: scripts/sandbeam list --tag="
        + Tag.worker(worker)
        + "; to end them when the job is over: "
        + config.sweepCommand();
  }
}
