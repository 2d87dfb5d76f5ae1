package io.sandbeam.service.docker;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxState;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of one sandbox. It is over when the engine has no such container any more: usually its
 * stream ends first, and says so; but an engine that forgets the stream must not hold us.
 */
final class SandboxEnd {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxEnd.class);

  /**
   * How long process 1 may take to go before the engine is asked to remove it; and between tries.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Without its owner process 1 gives the commands about two seconds. */
  private static final Duration ORPHANED = Duration.ofSeconds(5);

  private final SandboxParts parts;
  private final Commands commands;
  private final Supplier<String> complaints;
  private final CompletableFuture<Void> startOver = new CompletableFuture<>();
  private final AtomicBoolean told = new AtomicBoolean();
  private final AtomicBoolean planned = new AtomicBoolean();
  private final AtomicBoolean warned = new AtomicBoolean();
  private volatile Optional<Future<?>> lifetime = Optional.empty();

  /**
   * @param complaints what its first process said that was no report
   */
  SandboxEnd(SandboxParts parts, Commands commands, Supplier<String> complaints) {
    this.parts = parts;
    this.commands = commands;
    this.complaints = complaints;
  }

  void enforceLifetime() {
    lifetime = Optional.of(parts.later(parts.life().remaining(), () -> fail(lifetimeIsOver())));
  }

  private String lifetimeIsOver() {
    return "its lifetime of " + parts.spec().maxLifetime() + " was exceeded";
  }

  void fail(String why) {
    end(Lifecycle.Ending.failed(why), Duration.ZERO);
  }

  /** TERM, the grace, KILL; a second call can only shorten the grace. */
  void end(Lifecycle.Ending cause, Duration grace) {
    if (!parts.life().end(cause)) {
      return;
    }
    boolean now = grace.isZero() || grace.isNegative();
    if (now || !tellToStop()) {
      kill();
    } else {
      var unused = parts.later(grace, this::kill);
    }
  }

  /** Once: a watchdog that stops reads no more. */
  private boolean tellToStop() {
    if (told.getAndSet(true)) {
      return true;
    }
    if (parts.lease().send("s")) {
      return true;
    }
    told.set(false);
    return false;
  }

  /** Process 1 is told to go; when it does not listen, the engine is. */
  private void kill() {
    if (!parts.life().kill()) {
      return;
    }
    if (parts.life().isReady() && !told.get() && parts.lease().send("q")) {
      removeIn(PATIENCE);
    } else {
      parts.onWorker(this::remove);
    }
  }

  /** Unless that is planned already. */
  private void removeIn(Duration delay) {
    if (!planned.getAndSet(true)) {
      var unused =
          parts.later(
              delay,
              () -> {
                planned.set(false);
                parts.onWorker(this::remove);
              });
    }
  }

  /**
   * There will be no more of its start. What was asked to end before there was anything to remove,
   * is removed now.
   */
  void startIsOver() {
    startOver.complete(null);
    if (parts.life().isOver()) {
      parts.onWorker(this::remove);
    }
  }

  /**
   * Nobody holds its streams any more; finds out why, and waits for the engine to have removed it.
   * Not before its start is over, which knows better why it failed.
   */
  void streamEnded(Optional<String> lost) {
    parts.lease().close();
    var unused = startOver.thenRun(() -> parts.onWorker(() -> awaitRemoval(lost)));
    removeIn(ORPHANED);
  }

  private void awaitRemoval(Optional<String> lost) {
    Lifecycle.Ending unasked = unasked(lost);
    try {
      OptionalInt code = parts.engine().awaitRemoval(parts.id());
      LOG.trace("Sandbox {} ended with {}", parts.id(), code);
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {}: its end cannot be seen yet", parts.id(), e);
      parts.life().end(Lifecycle.Ending.failed("its engine does not answer"));
      abandon();
      removeIn(PATIENCE);
      return;
    }
    parts.life().end(unasked);
    finish();
  }

  private Lifecycle.Ending unasked(Optional<String> lost) {
    if (parts.life().remaining().isNegative() || parts.life().remaining().isZero()) {
      // Process 1 was faster than our timer.
      return Lifecycle.Ending.failed(lifetimeIsOver());
    }
    boolean started = parts.life().started();
    String said = complaints.get();
    if (!started && !said.isEmpty()) {
      return Lifecycle.Ending.failed("its first process ended: " + said);
    }
    if (lost.isPresent()) {
      return Lifecycle.Ending.failed("the connection to its engine was lost: " + lost.get());
    }
    SandboxState how = started ? SandboxState.TERMINATED : SandboxState.FAILED;
    return new Lifecycle.Ending(how, "it was ended by somebody else", OptionalInt.empty());
  }

  /** As often as it takes, until the engine has nothing of it, or this service is closed. */
  private void remove() {
    if (parts.life().isTerminal()) {
      return;
    }
    try {
      parts.engine().remove(parts.id());
      if (startOver.isDone() && parts.engine().inspect(parts.id()).isEmpty()) {
        finish();
        return;
      }
    } catch (RuntimeException e) {
      complain(e);
    }
    removeIn(PATIENCE);
  }

  /** An engine that is away is worth one line, and not one for each try. */
  private void complain(RuntimeException e) {
    if (warned.getAndSet(true)) {
      LOG.debug("Sandbox {} still cannot be removed", parts.id(), e);
    } else {
      LOG.warn("Sandbox {} could not be removed now; it is tried again", parts.id(), e);
    }
  }

  private void abandon() {
    for (Execution execution : commands.abandonAll()) {
      if (execution.killed) {
        execution.ended.complete(execution.end(ExecOutcome.TIMED_OUT, Execution.KILLED, 0));
      } else {
        execution.ended.completeExceptionally(parts.life().notRunning());
      }
    }
  }

  /** Nothing is left: shows the terminal state. */
  void finish() {
    abandon();
    lifetime.ifPresent(timer -> timer.cancel(false));
    parts.lease().close();
    parts.life().ended().ifPresent(info -> parts.onWorker(() -> tell(info)));
  }

  private void tell(SandboxInfo info) {
    parts.gone().complete(info);
    if (info.startTime().isPresent()) {
      // It ran, and was over before anybody was told: its create has succeeded.
      parts.usable().complete(info);
    } else {
      parts
          .usable()
          .completeExceptionally(
              new SandboxNotRunningException(parts.id(), info.state(), info.stateReason()));
    }
  }
}
