package io.sandbeam.service.docker;

import io.sandbeam.service.ExecOutcome;
import java.time.Duration;
import java.time.Instant;

/** How a job ended. */
record Ended(
    ExecOutcome outcome, int exitCode, int leftovers, Instant startedAt, Duration duration) {}
