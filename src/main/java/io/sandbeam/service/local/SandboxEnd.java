package io.sandbeam.service.local;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Lifecycle;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of one sandbox. It is over when nobody holds the reports' pipe and process 1 is gone from
 * the process table; everything it left on the host is removed before the terminal state shows.
 */
final class SandboxEnd {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxEnd.class);

  private final SandboxParts parts;
  private final Commands commands;
  private final AtomicBoolean told = new AtomicBoolean();

  SandboxEnd(SandboxParts parts, Commands commands) {
    this.parts = parts;
    this.commands = commands;
  }

  /** TERM, the grace, KILL; a second call can only shorten the grace. */
  void stop(Duration grace) {
    end(Lifecycle.Ending.stopped(), grace);
  }

  void fail(String why) {
    end(Lifecycle.Ending.failed(why), Duration.ZERO);
  }

  void lifetimeIsOver() {
    fail("its lifetime of " + parts.spec().maxLifetime() + " was exceeded");
  }

  void end(Lifecycle.Ending cause, Duration grace) {
    if (!parts.life().end(cause)) {
      return;
    }
    boolean now = grace.isZero() || grace.isNegative();
    if (now || !tellToStop()) {
      parts.process().kill();
    } else {
      parts.context().workers().execute(parts::writeRecordQuietly);
      parts.later(grace, parts.process()::kill);
    }
  }

  /** Once: a watchdog that stops reads no more. */
  private boolean tellToStop() {
    return told.getAndSet(true) || parts.process().send("stop");
  }

  /** Nobody holds the reports' pipe any more. */
  void over() {
    if (!parts.process().isGone()) {
      parts.later(Duration.ofMillis(2), () -> parts.context().workers().execute(this::over));
      return;
    }
    boolean outOfMemory = parts.process().newOomKills();
    if (parts.life().remaining().isNegative()) {
      // The warden was faster than our timer.
      lifetimeIsOver();
    }
    if (!parts.life().isOver()) {
      parts.life().end(unasked(outOfMemory));
    }
    for (Execution execution : commands.abandonAll()) {
      abandon(execution, outOfMemory);
    }
    finish();
  }

  private Lifecycle.Ending unasked(boolean outOfMemory) {
    if (parts.directory().isMarkedDeleted()) {
      return Lifecycle.Ending.stopped();
    }
    if (outOfMemory) {
      return Lifecycle.Ending.failed("its memory was used up");
    }
    String complaints = parts.directory().complaints();
    if (parts.process().init().isEmpty()) {
      return Lifecycle.Ending.failed("bubblewrap could not start it: " + complaints);
    }
    return Lifecycle.Ending.failed(
        "its first process ended" + (complaints.isEmpty() ? "" : ": " + complaints));
  }

  private void abandon(Execution execution, boolean outOfMemory) {
    if (execution.killed() || outOfMemory) {
      Ended ended =
          commands.finish(
              execution,
              execution.killed() ? ExecOutcome.TIMED_OUT : ExecOutcome.OUT_OF_MEMORY,
              Ended.KILLED,
              0,
              false);
      parts.context().workers().execute(() -> execution.ended.complete(ended));
    } else {
      execution.abandon();
      SandboxNotRunningException failure = parts.notRunning();
      parts.context().workers().execute(() -> execution.ended.completeExceptionally(failure));
    }
  }

  /** Nothing is alive: removes what is on the host, then shows the terminal state. */
  void finish() {
    commands.close();
    parts.process().remove();
    try {
      parts.directory().removeAllButRecord();
    } catch (IOException e) {
      LOG.warn(
          "Sandbox {}: its files on the host cannot be removed; the next sweep will",
          parts.id(),
          e);
    }
    parts
        .life()
        .ended()
        .ifPresent(
            info -> {
              parts.writeRecordQuietly();
              parts.context().workers().execute(() -> tell(info));
            });
  }

  private void tell(SandboxInfo info) {
    if (info.startTime().isPresent()) {
      parts.milestones().endedAfterStart(info);
    } else {
      parts.milestones().endedUnstarted(info);
    }
  }
}
