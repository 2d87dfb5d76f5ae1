package io.sandbeam.transforms;

import io.sandbeam.sandbox.ShutdownHook;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.vendor.guava.v32_1_2_jre.com.google.common.util.concurrent.Uninterruptibles;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when the launcher's JVM is told to end in the middle of a job (SIGINT, SIGTERM,
 * {@code System.exit}): the job is cancelled first, then the launcher's thread sweeps as after any
 * end, and the JVM waits for it. A second signal purges by tag, names the command that sweeps, and
 * ends the JVM at once.
 */
final class JobInterrupt implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobInterrupt.class);

  /**
   * How long each part of the end may take, counted from the end of the one before.
   *
   * @param answer of the runner, to a cancel or an interrupt
   * @param jobEnd the job's, once the runner was told
   * @param sweep longer than one takes, with the sessions' close before it
   */
  record Limits(Duration answer, Duration jobEnd, Duration sweep) {}

  /** A sweep gives up by itself: two minutes after it got on for the last time, or in an hour. */
  private static final Limits LIMITS =
      new Limits(Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofMinutes(65));

  /** The JVM ends at once, or nearly so. */
  private static final Duration PURGE_DEADLINE = Duration.ofSeconds(3);

  private final String jobId;
  private final String sweepCommand;
  private final SharedServices.Held service;
  private final Limits limits;
  private final Thread launcher = Thread.currentThread();
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch swept = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "sandbeam-job-interrupt");
  private @Nullable PipelineResult result;
  private @Nullable JobResult end;
  private boolean ending;

  JobInterrupt(String jobId, String sweepCommand, SharedServices.Held service) {
    this(jobId, sweepCommand, service, LIMITS);
  }

  JobInterrupt(String jobId, String sweepCommand, SharedServices.Held service, Limits limits) {
    this.jobId = jobId;
    this.sweepCommand = sweepCommand;
    this.service = service;
    this.limits = limits;
    Runtime.getRuntime().addShutdownHook(hook);
    ShutdownHook.lastAct(this::purge);
  }

  /** The runner has taken the job. */
  void started(PipelineResult running) {
    synchronized (this) {
      result = running;
      if (!ending) {
        return;
      }
    }
    // Before the wait for its end, which the launcher's interrupt may cut short.
    cancel(running);
  }

  /** Whether the JVM is ending. */
  synchronized boolean isEnding() {
    return ending;
  }

  /** The launcher's thread waits for the job no longer; from now on it is not interrupted. */
  synchronized void over() {
    over.countDown();
  }

  /** The launcher's thread has done its part. */
  void finished(JobResult done) {
    synchronized (this) {
      end = done;
    }
    swept.countDown();
  }

  private void onShutdown() {
    ShutdownHook.secondSignalEndsAtOnce();
    // Its caller may not come to print it any more.
    endJob().flatMap(JobResult::account).ifPresent(account -> account.lines().forEach(LOG::warn));
  }

  /**
   * Cancels the job, and waits until the launcher's thread has swept it.
   *
   * @return the job's end; empty when it did not come in time
   */
  Optional<JobResult> endJob() {
    PipelineResult running;
    synchronized (this) {
      ending = true;
      running = result;
    }
    LOG.warn("Job {} is cancelled and then swept; a second signal ends at once", jobId);
    if (running != null) {
      cancel(running);
    } else {
      // The runner is inside run() and gave nothing to cancel by.
      stopWaiting();
    }
    try {
      if (!await(over, limits.jobEnd())) {
        LOG.warn("Job {} does not end; nobody waits for it any more", jobId);
        stopWaiting();
      }
      if (!await(over, limits.answer()) || !await(swept, limits.sweep())) {
        LOG.error("Job {}: the sweep did not end in time. Type: {}", jobId, sweepCommand);
      }
    } catch (InterruptedException e) {
      LOG.error("Job {}: waiting for the sweep broke off. Type: {}", jobId, sweepCommand, e);
    }
    synchronized (this) {
      return Optional.ofNullable(end);
    }
  }

  private static boolean await(CountDownLatch latch, Duration limit) throws InterruptedException {
    return latch.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The launcher's thread is to go on to its sweep, unless it is there already. */
  private synchronized void stopWaiting() {
    if (over.getCount() > 0) {
      launcher.interrupt();
    }
  }

  /** On a thread of its own: a runner may never answer, and not notice an interrupt either. */
  private void cancel(PipelineResult running) {
    FutureTask<PipelineResult.State> call = new FutureTask<>(running::cancel);
    Worker.daemon(call, "sandbeam-cancel").start();
    try {
      Uninterruptibles.getUninterruptibly(call, limits.answer().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      LOG.warn("Job {}: the runner did not cancel it", jobId, e.getCause());
    } catch (TimeoutException e) {
      LOG.debug("Job {}: no answer within {}", jobId, limits.answer(), e);
      LOG.warn("Job {}: the runner does not answer its cancel", jobId);
    }
  }

  private void purge() {
    LOG.error("Job {} ends at once; sandboxes may be left. Type: {}", jobId, sweepCommand);
    try {
      service
          .service()
          .purge(PurgeRequest.tagged(List.of(Tag.PRODUCT, Tag.job(jobId))))
          .get(PURGE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException | RuntimeException e) {
      LOG.error("Job {}: the purge did not end", jobId, e);
    }
  }

  @Override
  public void close() {
    over();
    swept.countDown();
    ShutdownHook.lastAct(() -> {});
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook is running, and has just been told that we are done.
      LOG.debug("Job {} is over while the JVM ends", jobId, e);
    }
  }
}
