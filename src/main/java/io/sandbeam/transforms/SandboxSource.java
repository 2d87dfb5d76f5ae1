package io.sandbeam.transforms;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Where commands get their sandboxes: the strategy of an {@link Isolation}. Thread-safe. */
interface SandboxSource {

  /**
   * A sandbox for one command; nothing is created by this call.
   *
   * @param needed how long it must be able to live from now on
   * @throws io.sandbeam.service.SandboxException when the session is closed
   */
  SandboxLease lease(Duration needed);

  /** Keeps no sandbox from now on; completes when those it kept are gone. Never exceptionally. */
  CompletableFuture<Void> retire();
}
