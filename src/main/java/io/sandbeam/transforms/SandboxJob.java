package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.sandbox.SweepReportFile;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Seal;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptions;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a pipeline, waits for its end, and sweeps its sandboxes whatever the end was: done, failed,
 * cancelled, an exception, SIGINT or SIGTERM. It is the line that holds when the pipeline does not
 * reach its own sweep.
 *
 * <pre>{@code
 * JobResult result = SandboxJob.run(pipeline).orThrow();
 * result.account().ifPresent(account -> account.lines().forEach(System.out::println));
 * }</pre>
 *
 * <p>A job that goes on without its launcher (detached, or its cancel refused) is not swept, since
 * that would end sandboxes in use: {@code scripts/sweep --job=ID} does it when the job is over.
 */
public final class SandboxJob {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxJob.class);

  /** How long sessions in this JVM get to end their sandboxes before the sweep does it. */
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(30);

  private final Pipeline pipeline;
  private final String jobId;
  private final String sweepCommand;
  private final Optional<SweepReportFile> certificate;
  private final SharedServices.Held service;
  private final JobLedger ledger;
  private @Nullable PipelineResult result;
  private PipelineResult.State state = PipelineResult.State.UNKNOWN;
  private @Nullable Throwable failure;
  private boolean interrupted;

  private SandboxJob(
      Pipeline pipeline,
      String jobId,
      String sweepCommand,
      Optional<SweepReportFile> certificate,
      SharedServices.Held service,
      JobLedger ledger) {
    this.pipeline = pipeline;
    this.jobId = jobId;
    this.sweepCommand = sweepCommand;
    this.certificate = certificate;
    this.service = service;
    this.ledger = ledger;
  }

  /**
   * Runs, waits, sweeps. The pipeline's failure is in the result, not thrown: see {@link
   * JobResult#orThrow}.
   *
   * <p>With {@code --detached}, it only starts the job: see {@link JobResult#isDetached}.
   *
   * @throws SandboxException when the job is refused before it starts: its service cannot be
   *     reached from here, or its id was used before: sandboxes of it are alive, or it is sealed
   * @throws IllegalArgumentException when it is to be detached, and its runner cannot do that; or
   *     when a report is asked for of a sweep that there will not be
   */
  public static JobResult run(Pipeline pipeline) {
    PipelineOptions options = pipeline.getOptions();
    String jobId = SandboxOptions.jobId(options);
    boolean detached = SandboxOptions.detached(options);
    if (SandboxSteps.of(pipeline).isEmpty()) {
      refuseReport(options, "the pipeline runs no commands, so nothing is swept. Leave it out");
      return runWithoutSandboxes(pipeline, jobId, detached);
    }
    if (detached) {
      refuseReport(
          options,
          "the launcher does not sweep a detached job. Leave it out, and give it to the sweep when"
              + " the job is over: scripts/sweep --job=… --sweepReport=…");
    }
    ServiceConfig config = SandboxOptions.serviceConfig(options);
    String sweepCommand = sweepCommand(jobId, config);
    Optional<SweepReportFile> certificate =
        Optional.ofNullable(options.as(SandboxOptions.class).getSweepReport())
            .map(SweepReportFile::at);
    SharedServices.Held service = SharedServices.hold(config);
    try (JobLedger ledger = JobLedger.open(jobId)) {
      requireUnused(service, jobId, sweepCommand);
      WorkerSessions.ofThisJvm().startJob(jobId);
      LOG.debug("Job {} starts", jobId);
      SandboxJob job = new SandboxJob(pipeline, jobId, sweepCommand, certificate, service, ledger);
      return detached ? job.start() : job.run();
    } finally {
      release(service, jobId);
    }
  }

  /** Nobody is to look for a report that nothing can be said in. */
  private static void refuseReport(PipelineOptions options, String why) {
    String file = options.as(SandboxOptions.class).getSweepReport();
    if (file != null) {
      throw new IllegalArgumentException("Invalid --sweepReport=" + file + ": " + why);
    }
  }

  /** The job's end is known by now, and a service that does not close must not hide it. */
  private static void release(SharedServices.Held service, String jobId) {
    try {
      service.close();
    } catch (RuntimeException e) {
      LOG.error("Job {}: the service did not close", jobId, e);
    }
  }

  /** The command that sweeps a job of this process from any shell. */
  static String sweepCommand(String jobId, ServiceConfig service) {
    return SweepCommandLine.of(
        jobId, service, Optional.ofNullable(System.getenv("SANDBEAM_STATE_DIR")));
  }

  private static JobResult runWithoutSandboxes(Pipeline pipeline, String jobId, boolean detached) {
    try {
      PipelineResult started = pipeline.run();
      if (detached) {
        return JobResult.ofDetached(jobId, "", orUnknown(started.getState()));
      }
      return new JobResult(jobId, "", orUnknown(started.waitUntilFinish()), null, null);
    } catch (RuntimeException e) {
      return new JobResult(jobId, "", PipelineResult.State.FAILED, e, null);
    }
  }

  private static void requireUnused(
      SharedServices.Held service, String jobId, String sweepCommand) {
    List<Sandbox> live;
    Seal seal;
    try {
      live = Sandboxes.list(service.service(), List.of(Tag.PRODUCT, Tag.job(jobId))).join();
      seal = service.service().sealOf(Tag.job(jobId)).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof SandboxException cause
          ? cause
          : new SandboxException(String.valueOf(e.getCause()), e);
    }
    if (!live.isEmpty()) {
      throw new SandboxException(
          "Job "
              + jobId
              + " is not started: "
              + live.size()
              + " of its sandboxes are alive ("
              + live.stream()
                  .limit(3)
                  .map(box -> box.id().orElse("?"))
                  .collect(Collectors.joining(", "))
              + (live.size() > 3 ? ", …" : "")
              + "). Choose another --jobId, or, if that run is dead, type: "
              + sweepCommand);
    }
    if (seal == Seal.SEALED) {
      throw new SandboxException(
          "Job "
              + jobId
              + " is not started: a job of this id was swept, so it is sealed, and no sandbox is"
              + " created for it any more. Choose another --jobId for each run, or leave it out: then"
              + " it is the job's name and 8 random characters");
    }
  }

  private JobResult run() {
    long start = System.nanoTime();
    try (JobInterrupt interrupt = new JobInterrupt(jobId, sweepCommand, service)) {
      runPipeline(interrupt);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      SweepReport report = isOver() ? sweep() : stillRunning();
      certificate.ifPresent(file -> write(report, file));
      JobAccount account = JobAccount.of(JobMetrics.of(result), ledger, took, report);
      JobResult end = new JobResult(jobId, sweepCommand, state, failure, account);
      account.lines().forEach(line -> LOG.debug("Job {}: {}", jobId, line));
      interrupt.finished(end);
      return end;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Starts it and leaves it alone. A failed start is an end like any other. */
  private JobResult start() {
    letRunReturn();
    try {
      result = pipeline.run();
    } catch (RuntimeException | Error e) {
      failure = e;
      state = PipelineResult.State.FAILED;
      SweepReport report = sweep();
      JobAccount account = JobAccount.of(JobMetrics.of(null), ledger, Duration.ZERO, report);
      return new JobResult(jobId, sweepCommand, state, failure, account);
    }
    return JobResult.ofDetached(jobId, sweepCommand, stateTold());
  }

  private void letRunReturn() {
    DirectRunnerOptions.letRunReturn(pipeline.getOptions());
    FlinkRunnerOptions.letRunReturn(pipeline.getOptions());
  }

  private void runPipeline(JobInterrupt interrupt) {
    letRunReturn();
    try {
      result = pipeline.run();
      interrupt.started(result);
      state = orUnknown(result.waitUntilFinish());
    } catch (RuntimeException | Error e) {
      // An Error, too: whatever it was, sandboxes are not to be left behind it.
      failure = e;
    } finally {
      // The runner may have been waiting in vain; from here on we are not to be hurried.
      interrupt.over();
      interrupted = Thread.interrupted();
    }
    boolean ending = interrupt.isEnding();
    if (failure != null) {
      state = stateAfterFailure(ending);
    } else if (state == PipelineResult.State.FAILED) {
      failure = FlinkRunnerOptions.reason(result).orElse(null);
    }
    if (ending && (state.isTerminal() || isInThisJvm())) {
      state = PipelineResult.State.CANCELLED;
    }
  }

  /**
   * What the runner threw says that it stopped waiting, not that the job has ended: it may have
   * lost touch with a job that goes on, or have been interrupted.
   */
  private PipelineResult.State stateAfterFailure(boolean ending) {
    boolean stopped = interrupted || ending;
    if (result == null) {
      // Nothing says more than the failure of run() itself, unless that is our own interrupt.
      return stopped ? PipelineResult.State.UNKNOWN : PipelineResult.State.FAILED;
    }
    PipelineResult.State told = stateTold();
    // Some runners still say RUNNING of a job that failed, and yet nothing of it outlives us here.
    return !told.isTerminal() && !stopped && isInThisJvm() ? PipelineResult.State.FAILED : told;
  }

  private boolean isInThisJvm() {
    return JobPlace.of(pipeline.getOptions()) == JobPlace.THIS_JVM;
  }

  private PipelineResult.State stateTold() {
    try {
      return orUnknown(result.getState());
    } catch (RuntimeException e) {
      LOG.warn("Job {}: the runner does not tell its state", jobId, e);
      return PipelineResult.State.UNKNOWN;
    }
  }

  /** Whether nothing of the job can create or use a sandbox any more. */
  private boolean isOver() {
    // Where workers are in this JVM, closing their sessions ends what they do.
    return ledger.isUsed() || isInThisJvm() || state.isTerminal();
  }

  private SweepReport stillRunning() {
    LOG.warn(
        "Job {} may still be running, so it is not swept. When it is over, type: {}",
        jobId,
        sweepCommand);
    return brokenOff("the job may still be running; when it is over, type: " + sweepCommand);
  }

  /** What sweeps a job that is over. */
  static Sweep sweepOf(SandboxService service, String jobId, JobLedger ledger) {
    Sweep sweep = Sweep.of(service).job(jobId);
    // All that was ever created was created, and ended, in this JVM: nothing can be on its way.
    return ledger.isBalanced() ? sweep.quietTime(Duration.ZERO) : sweep;
  }

  private SweepReport sweep() {
    WorkerSessions.ofThisJvm().closeJob(jobId, CLOSE_DEADLINE);
    try {
      SweepReport report = sweepOf(service.service(), jobId, ledger).run().get();
      if (report.outcome() != SweepReport.Outcome.EMPTY) {
        LOG.error("Job {}: {}. Type: {}", jobId, report.line(), sweepCommand);
      }
      return report;
    } catch (InterruptedException e) {
      interrupted = true;
      return failed(e);
    } catch (ExecutionException e) {
      return failed(e.getCause());
    } catch (RuntimeException e) {
      // Of any kind: what became of the job must be told all the same.
      return failed(e);
    }
  }

  /**
   * A run whose report was asked for and is missing has not done all; it hides no other failure.
   */
  private void write(SweepReport report, SweepReportFile file) {
    try {
      file.write(report);
    } catch (SandboxException e) {
      LOG.error("Job {}: {}", jobId, e.getMessage(), e);
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
  }

  private SweepReport failed(Throwable cause) {
    LOG.error("Job {} could not be swept. Type: {}", jobId, sweepCommand, cause);
    if (failure != null) {
      failure.addSuppressed(cause);
    }
    return brokenOff(String.valueOf(cause.getMessage()));
  }

  private SweepReport brokenOff(String problem) {
    return SweepReport.brokenOff(Set.of(Tag.PRODUCT, Tag.job(jobId)), problem, Instant.now());
  }

  private static PipelineResult.State orUnknown(PipelineResult.@Nullable State state) {
    return state == null ? PipelineResult.State.UNKNOWN : state;
  }
}
