package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A new sandbox for each command, gone after it. */
final class FreshSandboxes implements SandboxSource {
  private static final Logger LOG = LoggerFactory.getLogger(FreshSandboxes.class);

  private final Session session;
  private final SandboxLifetime lifetime;

  FreshSandboxes(Session session, SandboxLifetime lifetime) {
    this.session = session;
    this.lifetime = lifetime;
  }

  @Override
  public SandboxLease lease(Duration needed) {
    return new Fresh(
        session.sandbox(SandboxDefaults.builder().maxLifetime(lifetime.ofOne(needed)).build()));
  }

  @Override
  public CompletableFuture<Void> retire() {
    return CompletableFuture.completedFuture(null);
  }

  /** Ends a sandbox; what cannot be ended now stays tracked by its session. */
  static CompletableFuture<Void> end(Sandbox sandbox) {
    return sandbox
        .stop()
        .handle(
            (result, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "{} could not be stopped; its session and the sweep will try again",
                    sandbox,
                    failure);
              }
              return null;
            });
  }

  private record Fresh(Sandbox sandbox) implements SandboxLease {
    @Override
    public CompletableFuture<Void> release(Verdict verdict) {
      // The sandbox itself makes one stop of several.
      return end(sandbox);
    }
  }
}
