package io.sandbeam.transforms;

import io.sandbeam.sandbox.SweepReport;
import java.util.Optional;
import org.apache.beam.sdk.PipelineResult;
import org.checkerframework.checker.nullness.qual.Nullable;

/** How a job ended. Immutable. */
public final class JobResult {
  /** All commands succeeded, and nothing is left. */
  public static final int SUCCESS = 0;

  /** Some commands did not succeed, or nobody can tell; the pipeline did. */
  public static final int COMMANDS_FAILED = 1;

  /** The pipeline failed or was cancelled. */
  public static final int PIPELINE_FAILED = 3;

  /** Sandboxes are left, or nobody can tell that none is. */
  public static final int SANDBOXES_LEFT = 4;

  private final String jobId;
  private final String sweepCommand;
  private final PipelineResult.State state;
  private final @Nullable Throwable failure;
  private final @Nullable JobAccount account;
  private final Watched watched;

  JobResult(
      String jobId,
      String sweepCommand,
      PipelineResult.State state,
      @Nullable Throwable failure,
      @Nullable JobAccount account) {
    this(jobId, sweepCommand, state, failure, account, Watched.YES);
  }

  private JobResult(
      String jobId,
      String sweepCommand,
      PipelineResult.State state,
      @Nullable Throwable failure,
      @Nullable JobAccount account,
      Watched watched) {
    this.watched = watched;
    this.jobId = jobId;
    this.sweepCommand = sweepCommand;
    this.state = state;
    this.failure = failure;
    this.account = account;
  }

  public String jobId() {
    return jobId;
  }

  /** A job that runs on without its launcher. */
  static JobResult ofDetached(String jobId, String sweepCommand, PipelineResult.State state) {
    return new JobResult(jobId, sweepCommand, state, null, null, Watched.NO);
  }

  /** Whether the launcher waited for the end. */
  private enum Watched {
    YES,
    NO
  }

  /** Whether the job was started to run on by itself; nothing is known of its end, then. */
  public boolean isDetached() {
    return watched == Watched.NO;
  }

  /** What sweeps the job's sandboxes from any shell; empty for a pipeline without commands. */
  public Optional<String> sweepCommand() {
    return sweepCommand.isEmpty() ? Optional.empty() : Optional.of(sweepCommand);
  }

  /** How the pipeline ended, or how far it is when it was detached. */
  public PipelineResult.State state() {
    return state;
  }

  /** What the runner threw, if it threw. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** What was done and swept; empty for a pipeline without commands, or a detached one. */
  public Optional<JobAccount> account() {
    return Optional.ofNullable(account);
  }

  /** The last sweep's report; empty for a pipeline without commands. */
  public Optional<SweepReport> sweep() {
    return account().map(JobAccount::sweep);
  }

  /** The worst of what happened: one of this class's constants. */
  public int exitCode() {
    if (isDetached()) {
      return SUCCESS;
    }
    if (account != null && !account.isClean()) {
      return SANDBOXES_LEFT;
    }
    if (failure != null || state != PipelineResult.State.DONE) {
      return PIPELINE_FAILED;
    }
    return account == null || account.allSucceeded() ? SUCCESS : COMMANDS_FAILED;
  }

  /**
   * This result, when the pipeline is done and no sandbox is left. Commands that failed are data,
   * and no reason to throw.
   *
   * @throws SandboxJobException otherwise, with the pipeline's own failure as its cause
   */
  public JobResult orThrow() {
    int code = exitCode();
    if (code == SUCCESS || code == COMMANDS_FAILED) {
      return this;
    }
    StringBuilder message = new StringBuilder("Job ").append(jobId);
    if (failure != null || state != PipelineResult.State.DONE) {
      message.append(" ended ").append(state);
      if (failure != null) {
        message.append(": ").append(failure.getMessage());
      }
    }
    if (code == SANDBOXES_LEFT) {
      message
          .append(failure == null && state == PipelineResult.State.DONE ? "" : ";")
          .append(" sandboxes may be left: ")
          .append(account.sweep().line())
          .append(". Type: ")
          .append(sweepCommand);
    }
    throw new SandboxJobException(message.toString(), failure, this);
  }
}
