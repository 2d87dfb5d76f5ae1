package io.sandbeam.service.local;

import io.sandbeam.service.ExecOutcome;
import java.time.Duration;
import java.time.Instant;

/** How a job ended. */
record Ended(
    ExecOutcome outcome, int exitCode, int leftovers, Instant startedAt, Duration duration) {

  /** The exit code of what KILL ended, as shells tell it. */
  static final int KILLED = 137;
}
