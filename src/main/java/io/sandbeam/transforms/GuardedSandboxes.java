package io.sandbeam.transforms;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A source that asks first whether a sandbox may be created. */
final class GuardedSandboxes implements SandboxSource {
  private final SandboxSource source;
  private final Runnable check;

  /**
   * @param check throws a {@link io.sandbeam.service.SandboxException} when none may
   */
  GuardedSandboxes(SandboxSource source, Runnable check) {
    this.source = source;
    this.check = check;
  }

  @Override
  public SandboxLease lease(Duration needed) {
    check.run();
    return source.lease(needed);
  }

  @Override
  public CompletableFuture<Void> retire() {
    return source.retire();
  }
}
