package io.sandbeam.transforms;

import io.sandbeam.sandbox.SweepReport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * What a run did, and that nothing is left of it.
 *
 * @param succeeded commands with exit code 0
 * @param failed commands with another one
 * @param timedOut commands that were killed at their limit
 * @param outOfMemory commands that were killed for want of memory
 * @param notRun elements whose command could not be run
 * @param took from the start of the pipeline to its end
 * @param created sandboxes; exact for workers in this JVM, else what their committed bundles told
 * @param closed of those, ended by the session that made them
 * @param swept ended by the sweeps, in the pipeline and after it
 * @param expired gone without either: their lifetime was over, their worker died, or a worker
 *     elsewhere closed them after its last bundle
 * @param sweep the last sweep's report: the proof
 * @param commands whether the numbers of commands are known; they are all 0 when not
 */
public record JobAccount(
    long succeeded,
    long failed,
    long timedOut,
    long outOfMemory,
    long notRun,
    Duration took,
    long created,
    long closed,
    long swept,
    long expired,
    SweepReport sweep,
    Told commands) {

  /** Whether the runner told how many commands ran, and how they ended. */
  public enum Told {
    YES,
    /** It keeps no counters, did not give them, or never took the job. */
    NO
  }

  /** Commands that ran. */
  public long done() {
    return succeeded + failed + timedOut + outOfMemory;
  }

  /** Whether every command is known to have run and succeeded. */
  public boolean allSucceeded() {
    return commands == Told.YES && done() == succeeded && notRun == 0;
  }

  /** Whether nothing is left, proven. */
  public boolean isClean() {
    return sweep.outcome() == SweepReport.Outcome.EMPTY;
  }

  /** The account for people: a line on commands, a line on sandboxes. */
  public List<String> lines() {
    double seconds = took.toMillis() / 1000.0;
    String memory = outOfMemory == 0 ? "" : format("%,d out of memory, ", outOfMemory);
    return List.of(
        commands == Told.NO
            ? format("commands:  unknown, the runner does not tell   (%,.1f s)", seconds)
            : format(
                "commands:  %,d done: %,d succeeded, %,d failed, %,d timed out, %s%,d not run   (%,.1f s, %,.1f/s)",
                done(),
                succeeded,
                failed,
                timedOut,
                memory,
                notRun,
                seconds,
                seconds == 0 ? 0 : done() / seconds),
        format(
            "sandboxes: %,d created, %,d closed, %,d swept, %,d expired, %s",
            created, closed, swept, expired, left()));
  }

  private String left() {
    String hosts =
        sweep.hosts().isEmpty() ? "" : ", " + String.join(", ", new TreeSet<>(sweep.hosts()));
    String problem =
        sweep.problems().isEmpty() ? "" : ": " + sweep.problems().get(sweep.problems().size() - 1);
    return switch (sweep.outcome()) {
      case EMPTY ->
          "0 left (proven empty" + (sweep.withoutSeal() ? " without a seal" : "") + hosts + ")";
      case LEFT -> format("%,d left (%s%s%s)", sweep.left(), ids(), problem, hosts);
      case UNKNOWN -> "left: unknown (not proven" + problem + hosts + ")";
    };
  }

  private String ids() {
    List<String> shown = sweep.leftIds().subList(0, Math.min(3, sweep.leftIds().size()));
    return String.join(", ", shown) + (sweep.left() > shown.size() ? ", …" : "");
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /**
   * The account of a run. Created = closed + swept + expired whenever the sweep is EMPTY: what it
   * proved gone, and nobody ended, has ended by itself; what was swept and never reported as
   * created (its worker died before it could) counts as created.
   */
  static JobAccount of(JobMetrics metrics, JobLedger ledger, Duration took, SweepReport sweep) {
    boolean here = ledger.isUsed();
    long swept = metrics.attempted(ExecMetrics.SWEPT) + sweep.deleted();
    long closed = here ? ledger.closed() : metrics.attempted(ExecMetrics.CLOSED);
    long reported = here ? ledger.created() : metrics.attempted(ExecMetrics.CREATED);
    if (ledger.isBalanced()) {
      // Every sandbox is accounted for, so what is above that was ended by two at once.
      swept = Math.min(swept, reported - closed);
    }
    long created = Math.max(reported, closed + swept + sweep.left());
    return new JobAccount(
        metrics.committed(ExecMetrics.name(CommandStatus.SUCCEEDED)),
        metrics.committed(ExecMetrics.name(CommandStatus.FAILED)),
        metrics.committed(ExecMetrics.name(CommandStatus.TIMED_OUT)),
        metrics.committed(ExecMetrics.name(CommandStatus.OUT_OF_MEMORY)),
        metrics.committed(ExecMetrics.NOT_RUN),
        took,
        created,
        closed,
        swept,
        created - closed - swept - sweep.left(),
        sweep,
        metrics.areKnown() ? Told.YES : Told.NO);
  }
}
