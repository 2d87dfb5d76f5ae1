package io.sandbeam.simulation;

import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxService;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A process that sweeps the whole job: the launcher at its end, or somebody by hand. */
final class Sweeper {
  private final SimulatedProcess process;
  private final Duty duty;
  private final SandboxService service;
  private final Truth truth;
  private final CompletableFuture<Optional<SweepReport>> end = new CompletableFuture<>();

  Sweeper(SimulatedProcess process, Duty duty, SandboxService service, Truth truth) {
    this.process = process;
    this.duty = duty;
    this.service = service;
    this.truth = truth;
    process.onDeath(() -> end.complete(Optional.empty()));
  }

  SimulatedProcess process() {
    return process;
  }

  /** Completes with the report, or with nothing when the process dies before. */
  CompletableFuture<Optional<SweepReport>> end() {
    return end;
  }

  /** Sweeps. */
  CompletableFuture<Optional<SweepReport>> sweep(Function<SandboxService, Sweep> how, Bug bug) {
    process.run(
        () -> {
          Duration began = process.elapsed();
          Sweep sweep = how.apply(service).timing(process);
          CompletableFuture<SweepReport> report = bug.run(sweep, service, duty, process);
          Ends.of(
              report,
              (told, failure) -> {
                if (failure != null) {
                  truth.broken(process + " broke off: " + failure);
                  end.complete(Optional.empty());
                  return;
                }
                truth.reported(process, told, began);
                end.complete(Optional.of(told));
              });
        });
    return end;
  }
}
