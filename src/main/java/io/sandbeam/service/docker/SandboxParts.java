package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.leased.Milestones;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the parts of one sandbox share.
 *
 * @param lease the stream that it is attached by
 */
record SandboxParts(
    ContainerPlan plan,
    Context context,
    ContainerLifecycle life,
    Lease lease,
    Milestones milestones) {

  private static final Logger LOG = LoggerFactory.getLogger(SandboxParts.class);

  String id() {
    return plan.name();
  }

  SandboxSpec spec() {
    return plan.spec();
  }

  Engine engine() {
    return context.engine();
  }

  /** Runs a task on the timer, where nothing may wait. */
  Future<?> later(Duration delay, Runnable task) {
    try {
      return context.timer().later(delay, task);
    } catch (RejectedExecutionException e) {
      LOG.debug("Sandbox {}: the service is closed", id(), e);
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Runs a task where it may wait. */
  void onWorker(Runnable task) {
    try {
      context.workers().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("Sandbox {}: the service is closed", id(), e);
    }
  }
}
