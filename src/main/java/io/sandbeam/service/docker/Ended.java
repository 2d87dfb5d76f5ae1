package io.sandbeam.service.docker;

import io.sandbeam.service.ExecOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * How a job ended.
 *
 * @param cut the streams whose end did not come: there may have been more
 */
record Ended(
    ExecOutcome outcome,
    int exitCode,
    int leftovers,
    Set<Channel> cut,
    Instant startedAt,
    Duration duration) {}
