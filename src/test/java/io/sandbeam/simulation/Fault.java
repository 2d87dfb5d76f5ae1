package io.sandbeam.simulation;

import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.Locale;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * One thing that goes wrong in a run.
 *
 * @param kind what
 * @param since what {@code at} and {@code nth} are counted from
 * @param at when; without meaning for faults of a call
 * @param lasting how long, where that matters
 * @param target which worker, sandbox or sweeper, counted round
 * @param operation whose call, for faults of a call
 * @param nth which call of the operation, from 0, whoever makes it; or which call of the worker
 */
record Fault(
    Kind kind,
    Since since,
    Duration at,
    Duration lasting,
    int target,
    @Nullable Operation operation,
    int nth) {

  enum Since {
    START,
    /** The end of the job: sweeps come behind it. */
    END
  }

  enum Kind {
    /** kill -9 of a worker. */
    KILL_WORKER,
    /** kill -9 of a worker just after it has sent a call. */
    KILL_WORKER_IN_CALL,
    /** SIGSTOP of a worker, and CONT later; the runner may have given it up meanwhile. */
    PAUSE_WORKER,
    /** The runner takes a worker for dead that goes on: a zombie. */
    GIVE_UP_WORKER,
    /** Nothing passes between a worker and the service. */
    PARTITION,
    /** The service refuses everything with 503. */
    OUTAGE,
    /** The service refuses every read of one sandbox with 503; lists and all else go on. */
    FAIL_READS,
    /** A call is never carried out and never answered. */
    LOSE_REQUEST,
    /** A call is carried out and never answered. */
    LOSE_ANSWER,
    /** A call is carried out, and the connection breaks before the answer. */
    BREAK_AFTER,
    /** The connection breaks, and the call is carried out a while later. */
    BREAK_BEFORE,
    /** A call reaches the service a while later. */
    DELAY,
    /** A call is carried out at once, and answered a while later. */
    DELAY_ANSWER,
    /** The caller is killed, and the call reaches the service a while later. */
    KILL_CALLER,
    /** 429, with the wish to wait. */
    THROTTLE,
    /** 500, nothing was done, and the caller cannot know that. */
    ERROR,
    /** Stops hang until they are released. */
    STICK_STOPS,
    /** Stops take long. */
    SLOW_STOPS,
    /** A sandbox ends by itself. */
    CRASH_SANDBOX,
    /** Somebody cancels the job. */
    CANCEL_JOB,
    /** kill -9 of the launcher. */
    KILL_LAUNCHER,
    /** kill -9 of a sweeper by hand, a while after its start. */
    KILL_SWEEPER,
    /** 401 to whoever sweeps. */
    DENY_SWEEPERS,
    /** Two sweeps by hand at once. */
    SWEEP_TWICE;

    boolean isOfACall() {
      return compareTo(LOSE_REQUEST) >= 0 && compareTo(ERROR) <= 0;
    }

    /** What is late is so by up to the time limit of a create. */
    boolean isLate() {
      return this == DELAY || this == BREAK_BEFORE || this == DELAY_ANSWER || this == KILL_CALLER;
    }
  }

  /** The same a while after another one. */
  Fault soonAfter(Fault other, long millis) {
    return new Fault(
        kind, other.since, other.at.plusMillis(millis), lasting, target, operation, nth);
  }

  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    String behind = since == Since.END ? " after the job's end" : "";
    if (kind.isOfACall()) {
      String late = kind.isLate() ? ", late by " + text(lasting) : "";
      return name + ": call " + nth + " of " + operation + behind + late;
    }
    String when = " at " + text(at) + behind;
    return switch (kind) {
      case KILL_WORKER, GIVE_UP_WORKER, CRASH_SANDBOX -> name + " " + target + when;
      case KILL_WORKER_IN_CALL -> name + ": worker " + target + ", its call " + nth;
      case PAUSE_WORKER, PARTITION -> name + ": worker " + target + when + " for " + text(lasting);
      case STICK_STOPS, OUTAGE, FAIL_READS, SLOW_STOPS, DENY_SWEEPERS ->
          name + when + " for " + text(lasting);
      case KILL_SWEEPER -> name + " " + text(lasting) + " after its start";
      case SWEEP_TWICE -> name;
      default -> name + when;
    };
  }

  private static String text(Duration duration) {
    return String.format(Locale.ROOT, "%.3f s", duration.toMillis() / 1000.0);
  }
}
