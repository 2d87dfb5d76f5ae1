package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.SandboxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A new sandbox for each command, made ahead while others run, so that a command does not wait for
 * its start. Each is used once. They are born like all sandboxes of the step, with its tags and
 * with a lifetime, and end with its session.
 *
 * <p>Only a lease makes new ones: a service that fails is not asked more often than commands come.
 * Retired, this makes none ahead any more; it retires when its step was swept, which it also learns
 * from a sandbox of its own that somebody else deleted.
 */
final class WarmSandboxes implements SandboxSource {
  private static final Logger LOG = LoggerFactory.getLogger(WarmSandboxes.class);

  private final Session session;
  private final SandboxLifetime lifetime;
  private final int most;
  private final InstantSource clock;
  private final Deque<Prepared> prepared = new ArrayDeque<>();
  private boolean retired;

  private record Prepared(Sandbox sandbox, Instant diesAt) {}

  private enum Origin {
    NEW,
    MADE_AHEAD
  }

  /**
   * Makes none yet.
   *
   * @param most how many are kept ready
   */
  WarmSandboxes(Session session, SandboxLifetime lifetime, int most, InstantSource clock) {
    this.session = session;
    this.lifetime = lifetime;
    this.most = most;
    this.clock = clock;
  }

  @Override
  public SandboxLease lease(Duration needed) {
    Instant until = clock.instant().plus(needed);
    List<Prepared> tooOld = new ArrayList<>();
    Prepared found = null;
    synchronized (this) {
      while (found == null && !prepared.isEmpty()) {
        Prepared next = prepared.poll();
        if (next.diesAt().isBefore(until)) {
          tooOld.add(next);
        } else {
          found = next;
        }
      }
    }
    for (Prepared old : tooOld) {
      CompletableFuture<Void> unused = FreshSandboxes.end(old.sandbox());
    }
    // The command's own first: what is made ahead must not stand in line before it.
    Sandbox sandbox = found == null ? make(lifetime.ofOne(needed)) : found.sandbox();
    CompletableFuture<?> unused = sandbox.start();
    refill(needed);
    return new Once(sandbox, found == null ? Origin.NEW : Origin.MADE_AHEAD);
  }

  private Sandbox make(Duration life) {
    return session.sandbox(SandboxDefaults.builder().maxLifetime(life).build());
  }

  private void refill(Duration needed) {
    Duration life = lifetime.ofMany(needed);
    // No more tries than sandboxes are missing: one that fails at once is not tried again.
    for (int tries = 0; tries < most; tries++) {
      Prepared next;
      synchronized (this) {
        if (retired || prepared.size() >= most) {
          return;
        }
        try {
          next = new Prepared(make(life), clock.instant().plus(life));
        } catch (SandboxException e) {
          LOG.debug("The session makes no sandboxes ahead any more", e);
          return;
        }
        prepared.add(next);
      }
      Watch.end(
          next.sandbox().start(),
          (info, failure) -> {
            if (failure != null) {
              drop(next, failure);
            }
          });
    }
  }

  /** The next lease makes another. One that is leased already tells its command itself. */
  private void drop(Prepared failed, Throwable failure) {
    boolean here;
    synchronized (this) {
      here = prepared.remove(failed);
    }
    if (here) {
      LOG.info("A sandbox could not be made ahead: {}", String.valueOf(failure));
      CompletableFuture<Void> unused = FreshSandboxes.end(failed.sandbox());
    }
  }

  @Override
  public CompletableFuture<Void> retire() {
    List<Prepared> kept;
    synchronized (this) {
      retired = true;
      kept = new ArrayList<>(prepared);
      prepared.clear();
    }
    return CompletableFuture.allOf(
        kept.stream()
            .map(one -> FreshSandboxes.end(one.sandbox()))
            .toArray(CompletableFuture<?>[]::new));
  }

  private final class Once implements SandboxLease {
    private final Sandbox sandbox;
    private final Origin origin;

    Once(Sandbox sandbox, Origin origin) {
      this.sandbox = sandbox;
      this.origin = origin;
    }

    @Override
    public Sandbox sandbox() {
      return sandbox;
    }

    @Override
    public CompletableFuture<Verdict> look() {
      return origin == Origin.NEW ? SandboxLease.super.look() : KeptSandbox.look(sandbox);
    }

    @Override
    public CompletableFuture<Void> release(Verdict verdict) {
      CompletableFuture<Void> end = FreshSandboxes.end(sandbox);
      return verdict == Verdict.SWEPT ? CompletableFuture.allOf(end, retire()) : end;
    }
  }
}
