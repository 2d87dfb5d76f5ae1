package io.sandbeam.transforms;

import io.sandbeam.sandbox.ShutdownHook;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.PipelineResult;
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

  /** Longer than a sweep may take. */
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  /** The JVM ends at once, or nearly so. */
  private static final Duration PURGE_DEADLINE = Duration.ofSeconds(3);

  private final String jobId;
  private final String sweepCommand;
  private final SharedServices.Held service;
  private final Thread launcher = Thread.currentThread();
  private final CountDownLatch swept = new CountDownLatch(1);
  private final Thread hook = new Thread(this::endJob, "sandbeam-job-interrupt");
  private @Nullable PipelineResult result;
  private @Nullable JobResult end;
  private boolean ending;

  JobInterrupt(String jobId, String sweepCommand, SharedServices.Held service) {
    this.jobId = jobId;
    this.sweepCommand = sweepCommand;
    this.service = service;
    Runtime.getRuntime().addShutdownHook(hook);
    ShutdownHook.lastAct(this::purge);
  }

  /** The runner has taken the job. */
  synchronized void started(PipelineResult running) {
    result = running;
    if (ending) {
      cancel(running);
    }
  }

  /** Whether the JVM is ending. */
  synchronized boolean isEnding() {
    return ending;
  }

  /** The launcher's thread has done its part. */
  void finished(JobResult done) {
    synchronized (this) {
      end = done;
    }
    swept.countDown();
  }

  private void endJob() {
    ShutdownHook.secondSignalEndsAtOnce();
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
      launcher.interrupt();
    }
    try {
      if (!swept.await(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.error("Job {}: the sweep did not end in time. Type: {}", jobId, sweepCommand);
        return;
      }
    } catch (InterruptedException e) {
      LOG.error("Job {}: waiting for the sweep broke off. Type: {}", jobId, sweepCommand, e);
      return;
    }
    JobResult done;
    synchronized (this) {
      done = end;
    }
    if (done != null) {
      // Its caller may not come to print it any more.
      done.account().ifPresent(account -> account.lines().forEach(LOG::warn));
    }
  }

  private void cancel(PipelineResult running) {
    try {
      running.cancel();
    } catch (IOException | RuntimeException e) {
      LOG.warn("Job {}: the runner did not cancel it", jobId, e);
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
