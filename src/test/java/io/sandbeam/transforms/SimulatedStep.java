package io.sandbeam.transforms;

import io.sandbeam.sandbox.SessionCounts;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.Timing;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The product's own worker of one step, for a simulation that plays its runner: nothing here waits.
 */
public final class SimulatedStep {
  private final Worker worker;
  private CompletableFuture<Void> closed;

  /** What a step's user would say. */
  public record Settings(
      String jobId,
      String step,
      String isolation,
      int concurrency,
      int warm,
      int maxAttempts,
      Duration timeout) {}

  /**
   * Opens it.
   *
   * @param instances bundles that may be open at once
   */
  public SimulatedStep(
      Settings settings, String workerId, Timing timing, SandboxService service, int instances) {
    ExecConfig exec =
        ExecConfig.defaults(CommandTemplate.none()).toBuilder()
            .isolation(Isolation.valueOf(settings.isolation()))
            .maxAttempts(settings.maxAttempts())
            .timeout(settings.timeout())
            .maxOutputBytes(1024)
            .maxReuses(5)
            .build();
    StepConfig config =
        new StepConfig(
            settings.jobId(),
            settings.step(),
            ServiceConfig.of("local"),
            exec,
            settings.concurrency(),
            settings.warm(),
            WorkerCount.UNKNOWN);
    worker = new Worker(config, workerId, timing, SharedServices.alone(service), () -> instances);
  }

  Worker worker() {
    return worker;
  }

  /** A bundle of this step here. */
  public SimulatedBundle bundle() {
    return new SimulatedBundle(worker.config().exec());
  }

  /** It is used. */
  public void touch() {
    worker.touch();
  }

  /** The step is swept. */
  public CompletableFuture<Void> retirePool() {
    return worker.retirePool();
  }

  /** Whether the janitor would close it. */
  public boolean isForgotten() {
    return worker.isIdleFor(WorkerSessions.IDLE_LIMIT);
  }

  /** Ends its sandboxes; completes when it is closed, whatever is left. */
  public CompletableFuture<Void> close() {
    if (closed == null) {
      closed = worker.endSession().thenRun(worker::letGo);
    }
    return closed;
  }

  /** Whether its close was asked for. */
  public boolean isClosing() {
    return closed != null;
  }

  /** What became of its sandboxes. */
  public SessionCounts counts() {
    return worker.session().counts();
  }

  /** How many it still answers for. */
  public int tracked() {
    return worker.session().sandboxCount();
  }

  /** What sweeps a step in the pipeline. */
  public static Sweep sweepOfStep(SandboxService service, String jobId, String step) {
    return SandboxSweep.sweepOf(service, jobId, step);
  }
}
