package io.sandbeam.service.leased;

import io.sandbeam.service.ExecOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * How a job ended. Immutable.
 *
 * @param leftovers processes of it that are alive; -1 when that is not certain
 * @param cut the streams whose end did not come: there may have been more
 */
public record Ended(
    ExecOutcome outcome,
    int exitCode,
    int leftovers,
    Set<Channel> cut,
    Instant startedAt,
    Duration duration) {

  /** The exit code of what KILL ended, as shells tell it. */
  public static final int KILLED = 137;
}
