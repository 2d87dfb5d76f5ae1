package io.sandbeam.transforms;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.sandbox.SessionCounts;
import io.sandbeam.sandbox.ShutdownHook;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one step has open in this JVM: its session, its pool, its bounds, and one thread for timers.
 * All DoFn instances of the step share it. Everything ends with {@link #close}.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** The part of the heap that output of commands may fill, in flight and held. */
  private static final int HEAP_SHARE = 4;

  private final StepConfig config;
  private final Clock clock;
  private final SharedServices.Held service;
  private final Session session;
  private final SandboxSource source;
  private final InFlight inFlight;
  private final OutputFiles outputFiles;
  private final ScheduledThreadPoolExecutor timers;
  private volatile boolean closed;
  private Instant lastUsed;
  private SessionCounts reported = new SessionCounts(0, 0, 0, 0, 0, 0, 0);

  Worker(StepConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.lastUsed = clock.instant();
    this.service = SharedServices.hold(config.service());
    this.session = Session.open(service.service(), defaults(config));
    this.source = newSource();
    this.inFlight =
        new InFlight(config.concurrencyHere(), Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    this.timers = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "sandbeam-step-timer"));
    this.timers.setRemoveOnCancelPolicy(true);
    this.outputFiles = new OutputFiles();
    JobLedger.opened(config.jobId(), session);
  }

  static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** What every sandbox of the step is born with. */
  static SandboxDefaults defaults(StepConfig config) {
    ExecConfig exec = config.exec();
    SandboxDefaults.Builder defaults =
        SandboxDefaults.builder()
            .tags(config.selector())
            .tags(List.of(Tag.worker(WorkerId.ofThisJvm())))
            .tags(exec.tags().toArray(String[]::new))
            .resources(exec.resources())
            .network(exec.network())
            // Nothing in a sandbox outlives its command, so there is nobody to be polite to.
            .stopGrace(Duration.ZERO);
    if (exec.image() != null) {
      defaults.image(exec.image());
    }
    return defaults.build();
  }

  StepConfig config() {
    return config;
  }

  InFlight inFlight() {
    return inFlight;
  }

  OutputFiles outputFiles() {
    return outputFiles;
  }

  /** The source of a bundle: its own pool, or the one that all bundles share. */
  SandboxSource sourceOfBundle() {
    return config.exec().isolation() == Isolation.BUNDLE ? newPool() : source;
  }

  private SandboxSource newSource() {
    if (config.exec().isolation() == Isolation.WORKER) {
      return newPool();
    }
    SandboxLifetime lifetime = new SandboxLifetime(config.exec());
    return config.exec().isolation() == Isolation.ELEMENT && config.warm() > 0
        ? new WarmSandboxes(session, lifetime, config.warm(), clock)
        : new FreshSandboxes(session, lifetime);
  }

  private SandboxPool newPool() {
    return new SandboxPool(
        session, new SandboxLifetime(config.exec()), config.exec().maxReuses(), clock);
  }

  /** Runs a task later, on the worker's own thread; it must be short. */
  void after(Duration delay, Runnable task) {
    Future<?> unused = timers.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Repeats a task until the worker is closed. */
  void every(Duration period, Runnable task) {
    Future<?> unused =
        timers.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                // A task that throws is never run again; the next turn may do better.
                LOG.warn("A timer of {} failed", config, e);
              }
            },
            period.toMillis(),
            period.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  synchronized void touch() {
    lastUsed = clock.instant();
  }

  /** Whether nothing was asked of it for a time, and nothing is under way. */
  synchronized boolean isIdleFor(Duration time) {
    return inFlight.isIdle() && lastUsed.plus(time).isBefore(clock.instant());
  }

  /**
   * Keeps no sandbox between commands from now on: the step is swept. Completes when those it kept
   * are gone; never exceptionally.
   */
  CompletableFuture<Void> retirePool() {
    return source.retire();
  }

  /** What happened to the session's sandboxes since the last call; each event is told once. */
  synchronized SessionCounts news() {
    SessionCounts now = session.counts();
    SessionCounts news =
        new SessionCounts(
            now.created() - reported.created(),
            now.adopted() - reported.adopted(),
            now.stopped() - reported.stopped(),
            now.ended() - reported.ended(),
            now.alreadyGone() - reported.alreadyGone(),
            now.neverStarted() - reported.neverStarted(),
            now.failedStops() - reported.failedStops());
    reported = now;
    return news;
  }

  /** How long the service held calls back since the last call, told once in this JVM. */
  long newlyThrottledMs() {
    return service.newlyThrottledMs();
  }

  /**
   * Whether it is closed or closing, or its JVM ends: nothing new can be started, and what fails
   * now says nothing of the command.
   */
  boolean isClosed() {
    return closed || ShutdownHook.isEnding();
  }

  /** Ends the session's sandboxes and everything else. Blocks; call it under a deadline. */
  void close() {
    closed = true;
    try {
      session.close();
    } catch (SandboxException e) {
      LOG.error("{}: {}. Type: {}", config, e.getMessage(), config.sweepCommand(), e);
    } finally {
      JobLedger.closed(config.jobId(), session);
      timers.shutdownNow();
      outputFiles.close();
      closeService();
    }
  }

  private void closeService() {
    try {
      service.close();
    } catch (SandboxException e) {
      LOG.error("{}: the service did not close: {}", config, e.getMessage(), e);
    }
  }
}
