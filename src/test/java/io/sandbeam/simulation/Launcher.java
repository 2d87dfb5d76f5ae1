package io.sandbeam.simulation;

import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.Tag;
import io.sandbeam.transforms.JobAccount;
import io.sandbeam.transforms.SimulatedLedger;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The process that started the job, waits for its end, and sweeps it. */
final class Launcher implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(30);

  private final Plan plan;
  private final Bug bug;
  private final Simulation simulation;
  private final Runner runner;
  private final Truth truth;
  private final SimulatedProcess process;
  private final SimulatedLedger ledger;
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private Duration jobEnded;
  private Duration firstEmpty;

  Launcher(Plan plan, Bug bug, Simulation simulation, Runner runner, Truth truth) {
    this.plan = plan;
    this.bug = bug;
    this.simulation = simulation;
    this.runner = runner;
    this.truth = truth;
    // Where it hosts the worker it is called as that one is.
    this.process =
        simulation.newProcess(plan.place() == Plan.Place.LAUNCHER ? "worker-0" : "launcher");
    this.ledger = new SimulatedLedger(plan.jobId());
  }

  SimulatedProcess process() {
    return process;
  }

  /** Completes when it has reported or died, and the job is over. */
  CompletableFuture<Void> over() {
    return over;
  }

  /** From the end of the job to the first report that says EMPTY. */
  Optional<Duration> toEmpty() {
    return Optional.ofNullable(firstEmpty).map(at -> at.minus(jobEnded));
  }

  /** Somebody's report on the whole job. */
  void note(Optional<SweepReport> report) {
    if (firstEmpty == null && Simulation.isEmpty(report)) {
      firstEmpty = simulation.time().elapsed();
    }
  }

  void start() {
    process.onDeath(
        () -> {
          if (plan.place() == Plan.Place.LAUNCHER) {
            runner.end(Runner.State.FAILED);
          }
        });
    Ends.of(
        runner.ended(),
        (state, failure) -> {
          jobEnded = simulation.time().elapsed();
          if (process.isDead()) {
            over.complete(null);
          } else {
            process.onDeath(() -> over.complete(null));
            process.schedule(POLL, this::sweep);
          }
        });
  }

  private void sweep() {
    if (plan.place() == Plan.Place.ELSEWHERE) {
      sweepNow();
      return;
    }
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Ends.of(simulation.worker(0).close(), (done, failure) -> closed.complete(null));
    process.schedule(CLOSE_DEADLINE, () -> closed.complete(null));
    Ends.of(closed, (done, failure) -> sweepNow());
  }

  private void sweepNow() {
    Duty duty = Duty.sweep(plan.jobId());
    Sweeper sweeper = new Sweeper(process, duty, simulation.serviceFor(process, duty), truth);
    Ends.of(
        sweeper.sweep(
            service ->
                plan.place() == Plan.Place.LAUNCHER
                    ? ledger.sweepOf(service)
                    : SimulatedLedger.sweepOf(service, plan.jobId()),
            bug),
        (report, failure) -> {
          note(report);
          report.ifPresent(this::account);
          over.complete(null);
        });
  }

  /** The launcher's last words. */
  private void account(SweepReport report) {
    if (plan.place() == Plan.Place.ELSEWHERE || !ledger.isBalanced()) {
      return;
    }
    JobAccount account = ledger.account(report);
    long made = truth.created(Set.of(Tag.job(plan.jobId())));
    if (report.outcome() == SweepReport.Outcome.EMPTY
        && (account.created() != made
            || account.expired() < 0
            || account.closed() + account.swept() + account.expired() != made)) {
      truth.broken("the account says " + account + ", and there were " + made + " sandboxes");
    }
  }

  @Override
  public void close() {
    ledger.close();
  }
}
