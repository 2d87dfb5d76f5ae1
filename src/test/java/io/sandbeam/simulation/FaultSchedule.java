package io.sandbeam.simulation;

import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.Optional;

/** Brings about what a plan says goes wrong at some time; the network does the calls. */
final class FaultSchedule {
  /** So long without a sign of life, and the runner takes a worker for dead. */
  private static final Duration HEARTBEAT_LIMIT = Duration.ofSeconds(30);

  private static final Duration SLOWEST_STOP = Duration.ofSeconds(90);

  private final Plan plan;
  private final VirtualTime time;
  private final Simulation simulation;

  FaultSchedule(Plan plan, VirtualTime time, Simulation simulation) {
    this.plan = plan;
    this.time = time;
    this.simulation = simulation;
  }

  /** Lets come what is counted from this moment. */
  void arm(Fault.Since since) {
    for (Fault fault : plan.faults()) {
      if (!fault.kind().isOfACall() && fault.since() == since) {
        time.schedule(
            fault.at(),
            () -> {
              if (!simulation.network().isHealed() && bringAbout(fault)) {
                simulation.truth().happened(fault);
              }
            });
      }
    }
  }

  /** Answers whether there was anything to break. */
  private boolean bringAbout(Fault fault) {
    return switch (fault.kind()) {
      case KILL_WORKER -> kill(simulation.worker(fault.target()).process());
      case PAUSE_WORKER -> pause(simulation.worker(fault.target()), fault.lasting());
      case GIVE_UP_WORKER -> simulation.runner().lost(simulation.worker(fault.target()));
      case PARTITION -> cut(simulation.worker(fault.target()).process(), fault.lasting());
      case CRASH_SANDBOX -> crash(simulation.someSandbox(fault.target()));
      case CANCEL_JOB -> simulation.runner().end(Runner.State.CANCELLED);
      case KILL_LAUNCHER -> kill(simulation.launcher().process());
      case OUTAGE, FAIL_READS, DENY_SWEEPERS, STICK_STOPS, SLOW_STOPS -> {
        trouble(fault);
        yield true;
      }
      // Those of calls and of sweepers come about elsewhere.
      default -> false;
    };
  }

  /** What the service does for a while, whoever calls. */
  private void trouble(Fault fault) {
    switch (fault.kind()) {
      case OUTAGE -> simulation.network().outage(fault.lasting());
      case FAIL_READS -> simulation.network().failReads(fault.lasting());
      case DENY_SWEEPERS -> simulation.network().deny(fault.lasting());
      case STICK_STOPS -> {
        simulation.world().stickNextStops(1 + fault.nth() % 5);
        time.schedule(fault.lasting(), () -> simulation.world().releaseStuck());
      }
      case SLOW_STOPS -> {
        Duration slow =
            fault.lasting().compareTo(SLOWEST_STOP) < 0 ? fault.lasting() : SLOWEST_STOP;
        simulation.world().stopTakes(slow);
        time.schedule(fault.lasting(), () -> simulation.world().stopTakes(plan.stopTakes()));
      }
      default -> throw new AssertionError(fault);
    }
  }

  private boolean kill(SimulatedProcess process) {
    if (process.isDead()) {
      return false;
    }
    simulation.truth().trace(process, () -> "is killed");
    process.kill();
    return true;
  }

  private boolean cut(SimulatedProcess process, Duration lasting) {
    if (process.isDead()) {
      return false;
    }
    simulation.network().cut(process, lasting);
    return true;
  }

  private boolean crash(Optional<String> sandbox) {
    sandbox.ifPresent(id -> simulation.world().crash(id, "its machine is lost"));
    return sandbox.isPresent();
  }

  private boolean pause(WorkerProcess worker, Duration lasting) {
    if (worker.process().isDead()) {
      return false;
    }
    simulation.truth().trace(worker.process(), () -> "is stopped");
    worker.process().pause();
    time.schedule(lasting, worker.process()::resume);
    if (lasting.compareTo(HEARTBEAT_LIMIT) > 0) {
      time.schedule(HEARTBEAT_LIMIT, () -> simulation.runner().lost(worker));
    }
    return true;
  }
}
