package io.sandbeam.service.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.docker.UnaskedEnd.Removed;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Lifecycle;
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

  /**
   * After which the engine is asked whether it still has a container that it should have removed:
   * one that is asked to tell of a removal in the moment of it may never tell.
   */
  private static final Duration FIRST_LOOK = Duration.ofMillis(500);

  /** Without its owner process 1 gives the commands about two seconds. */
  private static final Duration ORPHANED = Duration.ofSeconds(5);

  /** How long who waits for its start may be kept waiting for the proof that it is gone. */
  private static final Duration PROOF = Duration.ofSeconds(10);

  private final SandboxParts parts;
  private final Commands commands;
  private final Supplier<String> complaints;
  private final CompletableFuture<Void> startOver = new CompletableFuture<>();
  private final AtomicBoolean told = new AtomicBoolean();
  private final AtomicBoolean planned = new AtomicBoolean();
  private final AtomicBoolean warned = new AtomicBoolean();
  private final AtomicBoolean removed = new AtomicBoolean();
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
    lifetime =
        Optional.of(
            parts.later(parts.life().remaining(), () -> fail(lifetimeIsOver(parts.spec()))));
  }

  static String lifetimeIsOver(SandboxSpec spec) {
    return "its lifetime of " + spec.maxLifetime() + " was exceeded";
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
    answerSoon();
    if (parts.life().isReady() && !told.get() && parts.lease().send("q")) {
      removeIn(PATIENCE);
    } else {
      // Its starter may be waiting for an answer that never comes.
      parts.lease().stopWaiting();
      parts.onWorker(this::remove);
    }
  }

  /** An engine that is away holds up the proof that it is gone, and not who waits for its start. */
  private void answerSoon() {
    CompletableFuture<SandboxInfo> usable = parts.milestones().usable();
    if (!usable.isDone()) {
      var unused =
          parts.later(
              PROOF,
              () -> parts.onWorker(() -> usable.completeExceptionally(parts.life().notRunning())));
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
    UnaskedEnd unasked = new UnaskedEnd(parts, complaints.get(), lost);
    var unused = startOver.thenRun(() -> parts.onWorker(() -> awaitRemoval(unasked)));
    lookIn(FIRST_LOOK, unasked);
    removeIn(ORPHANED);
  }

  private void lookIn(Duration delay, UnaskedEnd unasked) {
    var unused = parts.later(delay, () -> parts.onWorker(() -> look(delay, unasked)));
  }

  private void look(Duration delay, UnaskedEnd unasked) {
    if (parts.life().isTerminal()) {
      return;
    }
    try {
      if (startOver.isDone() && parts.engine().inspect(parts.id()).isEmpty()) {
        isGone(unasked, OptionalInt.empty());
        finish();
        return;
      }
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {}: the engine does not tell whether it is gone", parts.id(), e);
    }
    Duration twice = delay.multipliedBy(2);
    lookIn(twice.compareTo(ORPHANED) < 0 ? twice : ORPHANED, unasked);
  }

  private void isGone(UnaskedEnd unasked, OptionalInt code) {
    if (!parts.life().isOver()) {
      parts.life().end(unasked.cause(code, removed.get() ? Removed.BY_US : Removed.NOT_BY_US));
    }
  }

  private void awaitRemoval(UnaskedEnd unasked) {
    try {
      OptionalInt code = new ContainerEnd(parts.engine(), parts.id()).awaitRemoval();
      LOG.trace("Sandbox {} ended with {}", parts.id(), code);
      isGone(unasked, code);
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {}: its end cannot be seen yet", parts.id(), e);
      parts.life().end(Lifecycle.Ending.failed("its end cannot be seen: " + e.getMessage()));
      answerSoon();
      abandon();
      removeIn(PATIENCE);
      return;
    }
    finish();
  }

  /**
   * As often as it takes, until the engine has nothing of it, or this service is closed. Of what
   * has our name and not our labels nothing is touched.
   */
  private void remove() {
    if (parts.life().isTerminal()) {
      return;
    }
    try {
      Engine engine = parts.engine();
      Optional<String> found = engine.inspect(parts.id()).map(InspectContainerResponse::getId);
      if (found.isPresent()) {
        removed.set(true);
        engine.remove(found.get());
      }
      // Why one ended that nobody asked to end, finds out who waits for its removal.
      if (startOver.isDone()
          && parts.life().isOver()
          && (found.isEmpty() || engine.inspect(parts.id()).isEmpty())) {
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
        execution.ended.complete(execution.end(ExecOutcome.TIMED_OUT, Ended.KILLED, 0));
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
    if (parts.life().started()) {
      parts.milestones().endedAfterStart(info);
    } else {
      parts.milestones().endedUnstarted(info);
    }
  }
}
