package io.sandbeam.simulation;

import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.transforms.SimulatedLedger;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Somebody who sweeps by hand when all is over: as often as the plan lets sweepers die, then once
 * more when nothing goes wrong any more. That one must say EMPTY.
 */
final class Operator {
  private final Plan plan;
  private final Bug bug;
  private final Simulation simulation;
  private final Launcher launcher;
  private final Truth truth;
  private final List<Fault> deaths;

  Operator(Plan plan, Bug bug, Simulation simulation, Launcher launcher, Truth truth) {
    this.plan = plan;
    this.bug = bug;
    this.simulation = simulation;
    this.launcher = launcher;
    this.truth = truth;
    this.deaths =
        plan.faults().stream().filter(one -> one.kind() == Fault.Kind.KILL_SWEEPER).toList();
  }

  /** Completes with the last sweep. */
  CompletableFuture<Void> sweepAfterwards() {
    return launcher.over().thenCompose(over -> after(0));
  }

  private CompletableFuture<Void> after(int sweeps) {
    CompletableFuture<Void> pause = new CompletableFuture<>();
    simulation.time().schedule(plan.operatorWaits(), () -> pause.complete(null));
    return pause.thenCompose(due -> sweep(sweeps));
  }

  private CompletableFuture<Void> sweep(int number) {
    if (number == deaths.size()) {
      simulation.heal();
      return last();
    }
    Sweeper doomed = sweeper("sweeper-" + number);
    Fault death = deaths.get(number);
    simulation.time().schedule(death.lasting(), () -> kill(doomed, death));
    return start(doomed).thenCompose(report -> after(number + 1));
  }

  private void kill(Sweeper doomed, Fault death) {
    if (!doomed.end().isDone()) {
      truth.happened(death);
      doomed.process().kill();
    }
  }

  private CompletableFuture<Void> last() {
    Optional<Fault> twice =
        plan.faults().stream().filter(one -> one.kind() == Fault.Kind.SWEEP_TWICE).findFirst();
    twice.ifPresent(truth::happened);
    CompletableFuture<Void> other =
        twice.isPresent()
            ? start(sweeper("sweeper-too")).thenAccept(this::requireEmpty)
            : CompletableFuture.completedFuture(null);
    return start(sweeper("sweeper-last"))
        .thenAccept(this::requireEmpty)
        .thenCombine(other, (one, two) -> null);
  }

  private Sweeper sweeper(String name) {
    SimulatedProcess process = simulation.newProcess(name);
    Duty duty = Duty.sweep(plan.jobId());
    return new Sweeper(process, duty, simulation.serviceFor(process, duty), truth);
  }

  private CompletableFuture<Optional<SweepReport>> start(Sweeper sweeper) {
    return sweeper
        .sweep(service -> SimulatedLedger.sweepOf(service, plan.jobId()), bug)
        .thenApply(
            report -> {
              launcher.note(report);
              return report;
            });
  }

  private void requireEmpty(Optional<SweepReport> report) {
    if (!Simulation.isEmpty(report)) {
      truth.broken("the last sweep says " + report.map(SweepReport::line).orElse("nothing"));
    }
  }
}
