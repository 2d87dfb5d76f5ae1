package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.SandboxSpec;
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
 * Sandboxes that commands use one after another, one command at a time. Between two commands {@code
 * /workspace} and {@code /tmp} are emptied. A sandbox ends after a bounded number of commands, when
 * it would not outlive the next one, and whenever a command leaves it other than clean.
 *
 * <p>The pool holds as many sandboxes as commands ran at once. Retired, it keeps none: what comes
 * back ends, and what is leased is new. It retires when its step was swept, which it also learns
 * from a sandbox of its own that somebody else deleted: a swept pool is never refilled.
 */
final class SandboxPool implements SandboxSource {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxPool.class);

  /** Emptying two folders takes milliseconds; a sandbox that needs longer is not worth keeping. */
  private static final Duration CLEANING_LIMIT = Duration.ofSeconds(20);

  /** Whatever ran its commands so lately is there. */
  private static final Duration LATELY = Duration.ofSeconds(1);

  private static final ExecRequest CLEAN =
      ExecRequest.builder(
              "/bin/sh",
              "-c",
              "for d in "
                  + SandboxSpec.WORKSPACE
                  + " /tmp; do cd \"$d\" || exit 1; chmod -R u+rwx . 2>/dev/null;"
                  + " rm -rf -- ..?* .[!.]* *; set -- ..?* .[!.]* *;"
                  + " for f in \"$@\"; do [ -e \"$f\" ] || [ -L \"$f\" ] && exit 1; done; done; exit 0")
          .timeout(CLEANING_LIMIT)
          .maxOutputBytes(1024)
          .build();

  private final Session session;
  private final SandboxLifetime lifetime;
  private final int maxUses;
  private final InstantSource clock;
  private final Deque<Pooled> idle = new ArrayDeque<>();
  private boolean retired;

  SandboxPool(Session session, SandboxLifetime lifetime, int maxUses, InstantSource clock) {
    this.session = session;
    this.lifetime = lifetime;
    this.maxUses = maxUses;
    this.clock = clock;
  }

  @Override
  public SandboxLease lease(Duration needed) {
    Instant until = clock.instant().plus(needed);
    List<Pooled> tooOld = new ArrayList<>();
    Pooled found = null;
    synchronized (this) {
      while (found == null && !idle.isEmpty()) {
        Pooled next = idle.pop();
        if (next.diesAt.isBefore(until)) {
          tooOld.add(next);
        } else {
          found = next;
        }
      }
    }
    for (Pooled old : tooOld) {
      CompletableFuture<Void> unused = FreshSandboxes.end(old.sandbox);
    }
    return new Use(found == null ? create(needed) : found);
  }

  private Pooled create(Duration needed) {
    Duration life = lifetime.ofMany(needed);
    Sandbox sandbox = session.sandbox(SandboxDefaults.builder().maxLifetime(life).build());
    return new Pooled(sandbox, clock.instant().plus(life));
  }

  @Override
  public CompletableFuture<Void> retire() {
    List<Pooled> kept;
    synchronized (this) {
      retired = true;
      kept = new ArrayList<>(idle);
      idle.clear();
    }
    return CompletableFuture.allOf(
        kept.stream()
            .map(pooled -> FreshSandboxes.end(pooled.sandbox))
            .toArray(CompletableFuture<?>[]::new));
  }

  synchronized boolean isRetired() {
    return retired;
  }

  private CompletableFuture<Void> giveBack(Pooled pooled, SandboxLease.Verdict verdict) {
    if (verdict == SandboxLease.Verdict.SWEPT && pooled.uses > 1) {
      LOG.info(
          "{} was deleted by somebody else: this pool keeps no sandboxes any more", pooled.sandbox);
      return CompletableFuture.allOf(FreshSandboxes.end(pooled.sandbox), retire());
    }
    if (verdict != SandboxLease.Verdict.CLEAN || pooled.uses >= maxUses || isRetired()) {
      return FreshSandboxes.end(pooled.sandbox);
    }
    CompletableFuture<Void> end = new CompletableFuture<>();
    Watch.end(
        pooled.sandbox.exec(CLEAN),
        (result, failure) -> {
          boolean clean = failure == null && result.succeeded() && result.leftoverProcesses() == 0;
          if (clean && keep(pooled)) {
            end.complete(null);
            return;
          }
          LOG.debug(
              "{} is not kept: {}", pooled.sandbox, failure == null ? result : failure.toString());
          Watch.end(FreshSandboxes.end(pooled.sandbox), (gone, notGone) -> end.complete(null));
        });
    return end;
  }

  private synchronized boolean keep(Pooled pooled) {
    if (!retired) {
      pooled.keptAt = clock.instant();
      // Last in, first out: those that are not needed grow old and end.
      idle.push(pooled);
    }
    return !retired;
  }

  private static final class Pooled {
    final Sandbox sandbox;
    final Instant diesAt;
    Instant keptAt = Instant.MAX;
    int uses;

    Pooled(Sandbox sandbox, Instant diesAt) {
      this.sandbox = sandbox;
      this.diesAt = diesAt;
    }
  }

  /** One command's turn. */
  private final class Use implements SandboxLease {
    private final Pooled pooled;
    private CompletableFuture<Void> released;

    Use(Pooled pooled) {
      this.pooled = pooled;
      pooled.uses++;
    }

    @Override
    public Sandbox sandbox() {
      return pooled.sandbox;
    }

    @Override
    public CompletableFuture<Verdict> look() {
      return pooled.keptAt.isBefore(clock.instant().minus(LATELY))
          ? KeptSandbox.look(pooled.sandbox)
          : SandboxLease.super.look();
    }

    @Override
    public synchronized CompletableFuture<Void> release(Verdict verdict) {
      if (released == null) {
        released = giveBack(pooled, verdict);
      }
      return released;
    }
  }
}
