package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One command on its way: a sandbox, its files, the command, its outputs, the sandbox given back;
 * and again in another sandbox when the infrastructure failed, up to the attempts allowed. A
 * command's own failure is an outcome like any other and is never tried again. Asynchronous; blocks
 * no thread.
 */
final class CommandRun {
  private static final Logger LOG = LoggerFactory.getLogger(CommandRun.class);

  /** Sandboxes in a row that may be found dead; where they die that fast, attempts count. */
  private static final int MOST_DEAD = 100;

  private final Worker worker;
  private final SandboxSource source;
  private final CommandPlan plan;
  private final ExecRequest request;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private SandboxLease lease;
  private CompletableFuture<ExecResult> running;
  private boolean cancelled;
  private int attempt;
  private int dead;
  private long startupMs;
  private long backoffMs;

  CommandRun(Worker worker, SandboxSource source, CommandPlan plan, ExecRequest request) {
    this.worker = worker;
    this.source = source;
    this.plan = plan;
    this.request = request;
  }

  /** Told once: the outcome, or nothing when the run was cancelled or its worker ended. */
  void whenKnown(Consumer<Optional<Outcome>> listener) {
    Watch.end(outcome, (known, cancelled) -> listener.accept(Optional.ofNullable(known)));
  }

  /** Told once, after the outcome: the sandbox is gone, or back in its pool. */
  void whenSettled(Runnable listener) {
    Watch.end(settled, (done, failure) -> listener.run());
  }

  CommandRun start() {
    attempt();
    return this;
  }

  /** Kills the command and its sandbox; no further attempt. The outcome is a cancellation. */
  void cancel() {
    SandboxLease held;
    CompletableFuture<ExecResult> command;
    synchronized (this) {
      cancelled = true;
      held = lease;
      command = running;
    }
    outcome.cancel(false);
    if (command != null) {
      command.cancel(true);
    }
    if (held == null) {
      settled.complete(null);
    } else {
      Watch.end(
          held.release(SandboxLease.Verdict.BROKEN), (done, failure) -> settled.complete(null));
    }
  }

  private void attempt() {
    SandboxLease taken;
    try {
      synchronized (this) {
        if (cancelled) {
          return;
        }
        attempt++;
        taken = source.lease(ExecConfig.needed(request.timeout()));
        lease = taken;
      }
    } catch (RuntimeException e) {
      finish(notRun(e), null, SandboxLease.Verdict.BROKEN);
      return;
    }
    if (dead == MOST_DEAD) {
      use(taken);
      return;
    }
    Watch.end(
        taken.look(),
        (verdict, failure) -> {
          if (verdict == SandboxLease.Verdict.CLEAN) {
            use(taken);
          } else {
            replace(taken, verdict);
          }
        });
  }

  /** It ended before the command came: that is no attempt. */
  private void replace(SandboxLease taken, SandboxLease.Verdict verdict) {
    synchronized (this) {
      if (cancelled) {
        return;
      }
      attempt--;
      dead++;
    }
    LOG.debug("{}: {} ended while it was kept, another is taken", worker.config(), taken.sandbox());
    releaseAndTryAgain(taken, verdict, Duration.ZERO);
  }

  private void use(SandboxLease taken) {
    long asked = System.nanoTime();
    Sandbox sandbox = taken.sandbox();
    CompletableFuture<?> ready =
        sandbox
            .waitUntilRunning()
            .thenAccept(info -> startupMs = (System.nanoTime() - asked) / 1_000_000);
    for (Map.Entry<String, byte[]> file : plan.command().getFiles().entrySet()) {
      ready =
          ready.thenCompose(
              done -> sandbox.writeFile(RowPlanner.inSandbox(file.getKey()), file.getValue()));
    }
    Watch.end(
        ready
            .thenCompose(done -> exec(sandbox))
            .thenCompose(
                result ->
                    worker
                        .outputFiles()
                        .copy(sandbox, plan.outputs())
                        .thenApply(copied -> ran(sandbox, result, copied))),
        (ran, failure) -> ended(taken, ran, failure));
  }

  private CompletableFuture<ExecResult> exec(Sandbox sandbox) {
    synchronized (this) {
      if (cancelled) {
        return CompletableFuture.failedFuture(new SandboxException("cancelled"));
      }
      running = sandbox.exec(request);
      return running;
    }
  }

  private Outcome.Ran ran(Sandbox sandbox, ExecResult result, OutputFiles.Copied copied) {
    return new Outcome.Ran(
        plan, result, sandbox.id().orElse(""), copied, attempt, startupMs, backoffMs);
  }

  private void ended(SandboxLease taken, Outcome.Ran ran, Throwable failure) {
    synchronized (this) {
      running = null;
      if (cancelled) {
        return;
      }
    }
    if (failure == null) {
      finish(ran, taken, verdict(ran.result()));
      return;
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    SandboxLease.Verdict verdict =
        isDeleted(cause) ? SandboxLease.Verdict.SWEPT : SandboxLease.Verdict.BROKEN;
    if (!isInfrastructure(cause) || attempt >= worker.config().exec().maxAttempts()) {
      finish(notRun(cause), taken, verdict);
      return;
    }
    Duration delay = worker.retryDelay(attempt, ((SandboxException) cause).retryAfter());
    backoffMs += delay.toMillis();
    LOG.info(
        "{}: attempt {} of a command failed ({}), the next one in {} ms",
        worker.config(),
        attempt,
        cause.getMessage(),
        delay.toMillis());
    releaseAndTryAgain(taken, verdict, delay);
  }

  /**
   * The next attempt waits for the end of this one's sandbox: a command never runs beside itself.
   */
  private void releaseAndTryAgain(
      SandboxLease taken, SandboxLease.Verdict verdict, Duration delay) {
    Watch.end(
        taken.release(verdict),
        (done, ignored) -> {
          synchronized (this) {
            lease = null;
          }
          again(delay);
        });
  }

  private void again(Duration delay) {
    try {
      worker.timers().after(delay, this::attempt);
    } catch (RuntimeException e) {
      // The worker was closed meanwhile and takes no timers.
      finish(notRun(e), null, SandboxLease.Verdict.BROKEN);
    }
  }

  private void finish(Outcome end, SandboxLease taken, SandboxLease.Verdict verdict) {
    boolean succeeded =
        end instanceof Outcome.Ran ran && CommandStatus.of(ran.result()) == CommandStatus.SUCCEEDED;
    boolean lost = !succeeded && worker.isClosed();
    // First what bounds the next command, then the news that there is room.
    CompletableFuture<Void> released =
        taken == null ? CompletableFuture.completedFuture(null) : taken.release(verdict);
    if (lost) {
      // Ended by the end of its worker, perhaps: the element belongs to the bundle's next run.
      outcome.cancel(false);
    } else {
      outcome.complete(end);
    }
    Watch.end(released, (done, failure) -> settled.complete(null));
  }

  private static SandboxLease.Verdict verdict(ExecResult result) {
    boolean clean = result.outcome() == ExecOutcome.EXITED && result.leftoverProcesses() == 0;
    return clean ? SandboxLease.Verdict.CLEAN : SandboxLease.Verdict.SPENT;
  }

  private Outcome.NotRun notRun(Throwable cause) {
    boolean infrastructure = isInfrastructure(cause);
    if (!infrastructure && !(cause instanceof SandboxException) && !worker.isClosed()) {
      LOG.error("{}: a command could not be run", worker.config(), cause);
    }
    String message =
        (cause instanceof SandboxException ? cause.getMessage() : cause.toString())
            + (infrastructure ? " (" + attempt + " attempts)" : "");
    return new Outcome.NotRun(reason(cause), message, plan.command().getId(), attempt, backoffMs);
  }

  private static CommandFailure.Reason reason(Throwable cause) {
    if (cause instanceof SandboxSealedException) {
      return CommandFailure.Reason.JOB_SEALED;
    }
    if (cause instanceof TooManySandboxesException) {
      return CommandFailure.Reason.TOO_MANY_SANDBOXES;
    }
    return isInfrastructure(cause)
        ? CommandFailure.Reason.UNAVAILABLE
        : CommandFailure.Reason.REFUSED;
  }

  /**
   * Whether another sandbox may do better. One that is gone under its command was not its fault.
   */
  private static boolean isInfrastructure(Throwable cause) {
    return cause instanceof SandboxNotFoundException
        || (cause instanceof SandboxException failure && failure.retryable());
  }

  private static boolean isDeleted(Throwable cause) {
    return cause instanceof SandboxNotFoundException
        || (cause instanceof SandboxNotRunningException gone
            && (gone.state() == SandboxState.TERMINATED
                || gone.state() == SandboxState.TERMINATING));
  }
}
