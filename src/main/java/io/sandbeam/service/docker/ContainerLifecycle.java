package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.Lifecycle;
import java.time.Instant;

/** Of a container. Times are by the engine's clock. Thread-safe. */
final class ContainerLifecycle extends Lifecycle {
  private final long bornNanos = System.nanoTime();

  private boolean ready;
  private boolean setUpBegan;

  ContainerLifecycle(ContainerPlan plan, Instant createTime, String host) {
    super(plan.name(), plan.spec(), createTime, host, plan.limitsInForce());
  }

  @Override
  protected Instant now() {
    return createTime().plusNanos(System.nanoTime() - bornNanos);
  }

  /** Its process 1 takes commands. */
  synchronized void ready() {
    ready = true;
  }

  synchronized boolean isReady() {
    return ready;
  }

  /** Whether it ever ran. */
  synchronized boolean started() {
    return startTime().isPresent() && ready;
  }

  /** Whether it can be set up now; true once. */
  synchronized boolean beginSetUp() {
    if (!started() || setUpBegan || state() != SandboxState.CREATING) {
      return false;
    }
    setUpBegan = true;
    return true;
  }

  @Override
  public synchronized boolean accepts(Job.Kind kind) {
    return ready && super.accepts(kind);
  }

  /** What it will be says more than that it ends: whether somebody deleted it. */
  synchronized SandboxNotRunningException notRunning() {
    return new SandboxNotRunningException(id(), ending().map(Ending::state).orElse(state()), why());
  }
}
