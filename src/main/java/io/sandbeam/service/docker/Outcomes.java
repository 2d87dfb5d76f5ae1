package io.sandbeam.service.docker;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.leased.Ended;

/**
 * How commands have ended. A process that is killed for memory is that of the command that first
 * ends after it, of those that ran. Guarded by its {@link Commands}.
 */
final class Outcomes {
  private long oomKillsSeen;

  /** Of one that is over. */
  Ended of(Execution execution) {
    long kills = execution.exit.oomKills();
    boolean oom = kills > Math.max(oomKillsSeen, execution.exit.oomBefore());
    oomKillsSeen = Math.max(oomKillsSeen, kills);
    int left = execution.leftovers();
    if (execution.killed) {
      return execution.end(ExecOutcome.TIMED_OUT, Ended.KILLED, left);
    }
    int code = execution.exit.code();
    return execution.end(
        oom && code != 0 ? ExecOutcome.OUT_OF_MEMORY : ExecOutcome.EXITED, code, left);
  }
}
