package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;

import io.sandbeam.faults.ProcessTable;
import io.sandbeam.runners.Scripts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/** One pipeline on real parts, one fault, and what is left afterwards. */
final class Round {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int ALL_SUCCEEDED = 0;
  private static final int SOME_DID_NOT = 1;

  private final Plan plan;
  private final Parts parts;
  private final JobFile job;
  private final List<String> problems = new ArrayList<>();
  private boolean begun;
  private int leaked;

  Round(Plan plan, Parts parts) {
    this.plan = plan;
    this.parts = parts;
    this.job = new JobFile(parts.folder(), plan);
  }

  RoundReport run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path out = parts.folder().resolve(plan.job() + ".out");
    Path err = parts.folder().resolve(plan.job() + ".err");
    parts.foreign(plan.place());
    Process launcher = parts.launch(line(), out, err);
    boolean atWork;
    try {
      waitForMoment(launcher);
      atWork = begun && launcher.isAlive();
      new Blow(plan, parts, launcher).strike();
      waitForEnd(launcher);
    } finally {
      launcher.destroyForcibly();
    }
    long end = System.nanoTime();
    int lost = plan.kind().promise == Kind.Promise.NOTHING ? 0 : lost();
    int notRun = job.notRun().size();
    sweep();
    Duration toEmpty = Duration.ofNanos(System.nanoTime() - end);
    countWhatIsLeft();
    boolean foreignTouched = !parts.foreign(plan.place()).isWell();
    if (foreignTouched) {
      problems.add("the foreign job's sandbox is gone");
    }
    if (!problems.isEmpty()) {
      problems.add("the launcher said: " + Files.readString(out) + Files.readString(err));
    }
    return new RoundReport(
        plan,
        atWork,
        job.size(),
        lost,
        notRun,
        leaked,
        foreignTouched,
        toEmpty,
        Duration.ofNanos(System.nanoTime() - start),
        problems);
  }

  private String line() throws IOException, InterruptedException {
    return "./scripts/run "
        + job.write()
        + " --jobId="
        + plan.job()
        + " --jobName="
        + plan.job()
        + parts.runOptions(plan.place())
        + (plan.kind().runner == Kind.Runner.FLINK
            ? " --runner=FlinkRunner --parallelism=2 --flinkMaster=" + parts.cluster().address()
            : "");
  }

  private List<String> inside() {
    return ProcessTable.holding(plan.marker());
  }

  private void waitForMoment(Process launcher) throws IOException, InterruptedException {
    if (plan.from() == Plan.From.FIRST_COMMAND) {
      try {
        await()
            .atMost(LIMIT)
            .pollInterval(Duration.ofMillis(50))
            .until(() -> !inside().isEmpty() || !launcher.isAlive());
        begun = true;
      } catch (ConditionTimeoutException e) {
        problems.add("no command ran within " + LIMIT + ": " + threads(launcher));
      }
    }
    // Not a wait for luck: the moment itself is what the seed chooses.
    launcher.waitFor(plan.moment().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void waitForEnd(Process launcher) throws IOException, InterruptedException {
    if (!launcher.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      problems.add("the launcher did not end within " + LIMIT + ": " + threads(launcher));
      return;
    }
    int status = launcher.exitValue();
    if (plan.kind() == Kind.KILL_LAUNCHER) {
      await()
          .atMost(LIMIT)
          .until(() -> Set.of("FINISHED", "FAILED", "CANCELED", "").contains(state()));
    } else if (plan.kind().promise == Kind.Promise.ALL_RESULTS
        && status != ALL_SUCCEEDED
        && status != SOME_DID_NOT) {
      problems.add("the launcher ended with status " + status);
    }
  }

  private String threads(Process launcher) throws IOException, InterruptedException {
    return parts.scripts().run("jcmd " + launcher.pid() + " Thread.print").out();
  }

  private String state() throws IOException, InterruptedException {
    return parts.cluster().stateOf(plan.job());
  }

  private int lost() throws IOException {
    Set<String> lost = job.lost();
    if (!lost.isEmpty()) {
      problems.add("lost: " + lost);
    }
    return lost.size();
  }

  private void sweep() throws IOException, InterruptedException {
    String line = "./scripts/sweep --job=" + plan.job() + parts.sweepOptions(plan.place());
    if (plan.kind() == Kind.KILL_SWEEP) {
      Path ignored = parts.folder().resolve("killed-sweep.txt");
      Process victim = parts.scripts().start(line, ignored, ignored);
      victim.waitFor(plan.outage().toMillis(), TimeUnit.MILLISECONDS);
      victim.destroyForcibly();
      await().atMost(LIMIT).until(() -> !victim.isAlive());
    }
    Scripts.Ended sweep = parts.scripts().run(line);
    if (sweep.status() != 0) {
      leaked++;
      problems.add(
          "the sweep ended with status " + sweep.status() + ": " + sweep.out() + sweep.err());
    }
  }

  /** By other means than the sweep's own. */
  private void countWhatIsLeft() throws IOException, InterruptedException {
    List<String> processes = inside();
    List<String> alive = parts.alive(plan.place(), plan.job());
    if (!processes.isEmpty()) {
      problems.add("processes are left: " + processes);
    }
    if (!alive.isEmpty()) {
      problems.add("the place says these are alive: " + alive);
    }
    leaked += Math.max(processes.size(), alive.size());
  }
}
