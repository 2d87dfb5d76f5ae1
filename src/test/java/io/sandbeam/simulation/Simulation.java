package io.sandbeam.simulation;

import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One run of a plan, on one thread, from the start of the job to long after its last sweep. */
final class Simulation implements NetworkClient.CallWatch {
  private static final Duration LONGEST_RUN = Duration.ofHours(24);

  /** Longer than any lifetime and any pause. */
  private static final Duration AFTERMATH = Duration.ofHours(2);

  private static final Duration LONGEST_LEASE = Duration.ofSeconds(2);

  private final Plan plan;
  private final Bug bug;
  private final VirtualTime time;
  private final FaultySandboxService world;
  private final Truth truth;
  private final Network network;
  private final Launcher launcher;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private final List<String> foreign = new ArrayList<>();
  private final Runner runner;
  private int processes;

  private Simulation(Plan plan, Bug bug, boolean traced) {
    this.plan = plan;
    this.bug = bug;
    time = new VirtualTime(plan.seed());
    world = FaultySandboxService.on(time);
    truth = new Truth(time, world, Tag.job(plan.jobId()), traced);
    network = new Network(time, plan);
    runner = new Runner(plan, bug, time, this::newWorker, truth);
    launcher = new Launcher(plan, bug, this, runner, truth);
  }

  /**
   * What came of a run.
   *
   * @param broken the invariant that did not hold, if any
   * @param toEmpty from the end of the job until it was first proven empty
   * @param hit the faults that came about, which are fewer than those of the plan
   * @param trace every event, when that was asked for
   */
  record Outcome(
      Optional<String> broken,
      Truth.Account account,
      Optional<Duration> toEmpty,
      List<Fault> hit,
      long digest,
      List<String> trace) {}

  static Outcome run(Plan plan) {
    return run(plan, Bug.NONE, false);
  }

  /**
   * @param bug a mistake that is built in
   * @param traced whether every event is kept as text
   */
  static Outcome run(Plan plan, Bug bug, boolean traced) {
    return new Simulation(plan, bug, traced).run();
  }

  private Outcome run() {
    try (launcher;
        world) {
      settings();
      bear();
      FaultSchedule faults = new FaultSchedule(plan, time, this);
      faults.arm(Fault.Since.START);
      Ends.of(
          runner.ended(),
          (state, failure) -> {
            network.jobEnded();
            faults.arm(Fault.Since.END);
          });
      runner.start();
      launcher.start();
      CompletableFuture<Void> end =
          new Operator(plan, bug, this, launcher, truth).sweepAfterwards();
      time.until(end, LONGEST_RUN).join();
      time.advance(AFTERMATH);
      truth.requireNothingAlive("long after the last sweep");
      truth.requireAccounted();
      requireForeignAlive();
      workers.forEach(WorkerProcess::checkCounts);
    } catch (Throwable e) {
      // A stack that overflows breaks the run, too, and not the thread with all runs after it.
      truth.broken(String.valueOf(e));
    }
    return new Outcome(
        Optional.ofNullable(truth.broken()),
        truth.account(),
        launcher.toEmpty(),
        truth.happened(),
        truth.digest(),
        truth.trace());
  }

  private void settings() {
    world
        .startTakes(plan.startTakes())
        .stopTakes(plan.stopTakes())
        .commandsTake(plan.commandsTake())
        .listLag(plan.listLag())
        .listFlaps(plan.listFlaps())
        .pagesOf(plan.pageSize())
        .keepEnded(plan.keepEnded());
    if (!plan.seals()) {
      world.withoutSeals();
    }
  }

  /** Sandboxes of jobs whose names and tags are nearly ours; nobody may touch them. */
  private void bear() {
    for (String job : List.of(plan.jobId() + "0", plan.jobId() + ".x", "x-" + plan.jobId())) {
      SandboxSpec spec =
          SandboxSpec.builder()
              .tags(
                  List.of(
                      Tag.PRODUCT, Tag.job(job), Tag.step(Plan.step(0)), Tag.worker("worker-0")))
              .maxLifetime(Duration.ofDays(7))
              .build();
      SandboxInfo info = world.create(spec, new RequestId("foreign-" + job)).join();
      truth.foreign(info);
      foreign.add(info.id());
    }
    if (plan.quota() > 0) {
      world.quota(plan.quota() + foreign.size());
    }
  }

  private void requireForeignAlive() {
    for (String id : foreign) {
      SandboxInfo info = world.get(id).join();
      if (info.state() != SandboxState.RUNNING) {
        truth.broken("a sandbox of another job is " + info.state() + ": " + info.spec().tags());
      }
    }
  }

  /** A process is started. */
  SimulatedProcess newProcess(String name) {
    int number = processes++;
    long share = number * 2L % 3 - 1;
    return new SimulatedProcess(
        time, name, plan.skew().multipliedBy(share), plan.seed() * 1000 + number);
  }

  private WorkerProcess newWorker() {
    String name = "worker-" + workers.size();
    SimulatedProcess process =
        plan.place() == Plan.Place.LAUNCHER ? launcher.process() : newProcess(name);
    WorkerProcess worker =
        new WorkerProcess(plan, process, duty -> serviceFor(process, duty), truth);
    workers.add(worker);
    if (plan.lease()) {
      process.onDeath(() -> endLeases(process));
    }
    return worker;
  }

  /** A process's way to the service. */
  SandboxService serviceFor(SimulatedProcess process, Duty duty) {
    return bug.seenBy(
        duty, new NetworkClient(time, network, process, duty, world.client(), truth, this));
  }

  /** The service notices a dead owner. */
  private void endLeases(SimulatedProcess process) {
    time.schedule(
        LONGEST_LEASE,
        () -> world.live(Tag.job(plan.jobId()), Tag.worker(process.name())).forEach(this::crash));
  }

  private void crash(SandboxInfo info) {
    world.crash(info.id(), "its owner is gone");
  }

  @Override
  public void sent(SimulatedProcess process, int call) {
    for (Fault fault : plan.faults()) {
      if (fault.kind() == Fault.Kind.KILL_WORKER_IN_CALL
          && !process.isDead()
          && fault.nth() == call
          && worker(fault.target()).process() == process) {
        truth.trace(process, () -> "is killed in its call " + call);
        truth.happened(fault);
        process.kill();
      }
    }
  }

  @Override
  public void created(SandboxInfo info, SimulatedProcess process) {
    if (process.isDead() && plan.lease()) {
      endLeases(process);
    }
  }

  WorkerProcess worker(int number) {
    return workers.get(number % workers.size());
  }

  Runner runner() {
    return runner;
  }

  Launcher launcher() {
    return launcher;
  }

  FaultySandboxService world() {
    return world;
  }

  Network network() {
    return network;
  }

  VirtualTime time() {
    return time;
  }

  Truth truth() {
    return truth;
  }

  /** Some sandbox of the job that is alive. */
  Optional<String> someSandbox(int number) {
    List<SandboxInfo> live = world.live(Tag.job(plan.jobId()));
    return live.isEmpty() ? Optional.empty() : Optional.of(live.get(number % live.size()).id());
  }

  /** Nothing goes wrong from now on. */
  void heal() {
    network.heal();
    world.stickNextStops(0);
    world.releaseStuck();
    world.stopTakes(plan.stopTakes());
  }

  /** What a certificate says, for the launcher's statistics. */
  static boolean isEmpty(Optional<SweepReport> report) {
    return report.filter(told -> told.outcome() == SweepReport.Outcome.EMPTY).isPresent();
  }
}
