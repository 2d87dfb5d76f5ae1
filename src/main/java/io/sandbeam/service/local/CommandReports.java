package io.sandbeam.service.local;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.Lifecycle;
import java.time.Duration;

/** What the watchdog's reports mean for the commands they name. */
final class CommandReports {
  private final SandboxParts parts;
  private final Commands commands;
  private final SandboxEnd end;

  CommandReports(SandboxParts parts, Commands commands, SandboxEnd end) {
    this.parts = parts;
    this.commands = commands;
    this.end = end;
  }

  /** A command ended: {@code all} others are alive, {@code loose} of them belong to no command. */
  void exit(long sequence, int code, int all, int loose) {
    commands
        .finished(sequence, all)
        .ifPresent(
            execution -> {
              int left = execution.overlapped() ? loose : all;
              if (execution.killed()) {
                complete(execution, ExecOutcome.TIMED_OUT, Ended.KILLED, left, all == 0);
              } else {
                complete(execution, outcome(code), code, left, all == 0);
              }
            });
  }

  /** Everything was killed for a command; {@code left} processes withstood. */
  void killed(long sequence, int left) {
    commands
        .finished(sequence, left)
        .ifPresent(
            execution -> complete(execution, ExecOutcome.TIMED_OUT, Ended.KILLED, left, left == 0));
  }

  private ExecOutcome outcome(int code) {
    return parts.process().newOomKills() && code != 0
        ? ExecOutcome.OUT_OF_MEMORY
        : ExecOutcome.EXITED;
  }

  private void complete(
      Execution execution, ExecOutcome outcome, int code, int left, boolean clean) {
    Ended ended = commands.finish(execution, outcome, code, left, clean);
    if (execution.job.kind() == Job.Kind.MAIN) {
      end.end(Lifecycle.Ending.ofMain(ended), Duration.ZERO);
    }
    parts
        .context()
        .workers()
        .execute(
            () -> {
              commands.removeFiles(execution);
              execution.ended.complete(ended);
            });
  }
}
