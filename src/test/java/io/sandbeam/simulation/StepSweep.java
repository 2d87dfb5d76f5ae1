package io.sandbeam.simulation;

import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.transforms.SimulatedStep;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The sweep in the pipeline, on a worker, behind the last bundle of a step. */
final class StepSweep {
  private static final Duration POOLS_DEADLINE = Duration.ofSeconds(10);
  private static final Duration GIVEN_UP_AFTER = Duration.ofMinutes(20);

  private final Plan plan;
  private final int step;
  private final WorkerProcess worker;
  private final Truth truth;
  private final CompletableFuture<Boolean> end = new CompletableFuture<>();

  StepSweep(Plan plan, int step, WorkerProcess worker, Truth truth) {
    this.plan = plan;
    this.step = step;
    this.worker = worker;
    this.truth = truth;
  }

  /** Completes with whether the worker came to its end, whatever it found. */
  CompletableFuture<Boolean> run() {
    SimulatedProcess process = worker.process();
    if (process.isDead()) {
      return CompletableFuture.completedFuture(false);
    }
    process.onDeath(() -> end.complete(false));
    process.run(
        () -> {
          CompletableFuture<Void> pools = new CompletableFuture<>();
          Ends.of(worker.retirePool(step), (done, failure) -> pools.complete(null));
          process.schedule(POOLS_DEADLINE, () -> pools.complete(null));
          process.schedule(GIVEN_UP_AFTER, () -> end.complete(true));
          Ends.of(pools, (done, failure) -> sweep(process));
        });
    return end;
  }

  private void sweep(SimulatedProcess process) {
    // It deletes for the step, whichever worker made the sandbox.
    CompletableFuture<SweepReport> report =
        SimulatedStep.sweepOfStep(worker.sweepService(step), plan.jobId(), Plan.step(step))
            .timing(process)
            .run();
    Ends.of(
        report,
        (told, failure) -> {
          truth.trace(
              process,
              () ->
                  "swept "
                      + Plan.step(step)
                      + ": "
                      + (failure == null ? told.outcome() : "failed, " + failure));
          end.complete(true);
        });
  }
}
