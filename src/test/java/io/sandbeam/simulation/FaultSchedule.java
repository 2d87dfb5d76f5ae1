package io.sandbeam.simulation;

import io.sandbeam.testing.VirtualTime;
import java.time.Duration;

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
              if (!simulation.network().isHealed()) {
                bringAbout(fault);
              }
            });
      }
    }
  }

  private void bringAbout(Fault fault) {
    switch (fault.kind()) {
      case KILL_WORKER -> {
        simulation.truth().trace("FAULT", fault::toString);
        simulation.worker(fault.target()).process().kill();
      }
      case PAUSE_WORKER -> pause(simulation.worker(fault.target()), fault.lasting());
      case GIVE_UP_WORKER -> simulation.runner().lost(simulation.worker(fault.target()));
      case PARTITION ->
          simulation.network().cut(simulation.worker(fault.target()).process(), fault.lasting());
      case OUTAGE -> simulation.network().outage(fault.lasting());
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
      case CRASH_SANDBOX ->
          simulation
              .someSandbox(fault.target())
              .ifPresent(id -> simulation.world().crash(id, "its machine is lost"));
      case CANCEL_JOB -> simulation.runner().end(Runner.State.CANCELLED);
      case KILL_LAUNCHER -> simulation.launcher().kill();
      default -> {
        // Those of calls and of sweepers come about elsewhere.
      }
    }
  }

  private void pause(WorkerProcess worker, Duration lasting) {
    simulation.truth().trace(worker.process(), () -> "is stopped");
    worker.process().pause();
    time.schedule(lasting, worker.process()::resume);
    if (lasting.compareTo(HEARTBEAT_LIMIT) > 0) {
      time.schedule(HEARTBEAT_LIMIT, () -> simulation.runner().lost(worker));
    }
  }
}
