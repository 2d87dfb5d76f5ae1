package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;

import io.sandbeam.runners.Scripts;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Breaks the part that a plan names, and mends it where the round needs it again. */
final class Blow {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Plan plan;
  private final Parts parts;
  private final Process launcher;

  Blow(Plan plan, Parts parts, Process launcher) {
    this.plan = plan;
    this.parts = parts;
    this.launcher = launcher;
  }

  void strike() throws IOException, InterruptedException {
    switch (plan.kind()) {
      case KILL_DIRECT, KILL_LAUNCHER, KILL_SWEEP -> kill(launcher.toHandle());
      case KILL_TASKMANAGER -> {
        kill(taskManager());
        repairCluster();
      }
      case KILL_SERVER -> {
        parts.served().kill();
        outage();
        parts.served().start();
        // It was the server's own child, as all of its sandboxes were.
        parts.foreign(Place.SERVED).restart();
      }
      case STOP_DIRECT -> standStill(launcher.toHandle());
      case STOP_TASKMANAGER -> {
        standStill(taskManager());
        repairCluster();
      }
      case STOP_SERVER -> standStill(parts.served().process());
      case CUT_SERVER -> cut(parts.served().link());
      case CUT_ENGINE -> cut(parts.engineLink());
      default -> throw new AssertionError(plan.kind());
    }
  }

  private ProcessHandle taskManager() throws IOException, InterruptedException {
    List<Long> all = parts.cluster().taskManagers();
    return ProcessHandle.of(all.get((int) Math.floorMod(plan.seed(), (long) all.size())))
        .orElseThrow();
  }

  /** Starts what is not running, and waits until all workers have registered. */
  private void repairCluster() throws IOException, InterruptedException {
    Scripts.Ended start = parts.cluster().script("start");
    if (start.status() != 0) {
      throw new IOException("The cluster cannot be repaired: " + start.err());
    }
  }

  private static void kill(ProcessHandle victim) {
    victim.destroyForcibly();
    await().atMost(LIMIT).until(() -> !victim.isAlive());
  }

  private void standStill(ProcessHandle victim) throws IOException, InterruptedException {
    signal("STOP", victim);
    try {
      outage();
    } finally {
      signal("CONT", victim);
    }
  }

  private void cut(Link link) throws InterruptedException {
    link.cut(plan.manner());
    try {
      outage();
    } finally {
      link.mend();
    }
  }

  /** Not a wait for luck: the seed says how long. A job that is over needs no more of it. */
  private void outage() throws InterruptedException {
    launcher.waitFor(plan.outage().toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void signal(String name, ProcessHandle victim)
      throws IOException, InterruptedException {
    int status = new ProcessBuilder("kill", "-" + name, "" + victim.pid()).start().waitFor();
    if (status != 0 && victim.isAlive()) {
      throw new IOException("kill -" + name + " " + victim.pid() + " ended with " + status);
    }
  }
}
