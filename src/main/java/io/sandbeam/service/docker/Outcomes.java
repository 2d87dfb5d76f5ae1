package io.sandbeam.service.docker;

import io.sandbeam.service.ExecOutcome;

/** How commands have ended. Guarded by its {@link Commands}. */
final class Outcomes {
  private long oomKillsSeen;

  /** Of one that is over. */
  Ended of(Execution execution) {
    boolean oom = execution.exit.oomKills() > oomKillsSeen;
    oomKillsSeen = Math.max(oomKillsSeen, execution.exit.oomKills());
    int left = execution.leftovers();
    if (execution.killed) {
      return execution.end(ExecOutcome.TIMED_OUT, Execution.KILLED, left);
    }
    int code = execution.exit.code();
    return execution.end(
        oom && code != 0 ? ExecOutcome.OUT_OF_MEMORY : ExecOutcome.EXITED, code, left);
  }
}
