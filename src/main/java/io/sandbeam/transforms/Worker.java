package io.sandbeam.transforms;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.sandbox.SessionCounts;
import io.sandbeam.sandbox.ShutdownHook;
import io.sandbeam.sandbox.Timing;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one step has open in this JVM: its session, its pool, its bounds, its timers. All DoFn
 * instances of the step share it. Everything ends with {@link #close}.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** The part of the heap that output of commands may fill, in flight and held. */
  private static final int HEAP_SHARE = 4;

  private static final Duration STILL_USED_EVERY = Duration.ofSeconds(30);

  private final StepConfig config;
  private final Timing timing;
  private final SharedServices.Held service;
  private final IntSupplier instances;
  private final Session session;
  private final CreationBreaker breaker;
  private final StepBreaker stepBreaker;
  private final SandboxSource source;
  private final InFlight inFlight;
  private final OutputFiles outputFiles;
  private final WorkerTimers timers;
  private volatile boolean closed;
  private Duration lastUsed;
  private CompletableFuture<Void> image;
  private SessionCounts reported = new SessionCounts(0, 0, 0, 0, 0, 0, 0);

  /**
   * Opens it; creates nothing.
   *
   * @param id the worker's name, on the tag of its sandboxes
   * @param service let go of when the worker is closed
   * @param instances how many DoFn instances share it, so how many bundles may be open at once
   */
  Worker(
      StepConfig config,
      String id,
      Timing timing,
      SharedServices.Held service,
      IntSupplier instances) {
    this.config = config;
    this.timing = timing;
    this.lastUsed = timing.elapsed();
    this.service = service;
    this.instances = instances;
    this.session = Session.open(service.service(), defaults(config, id), timing);
    this.breaker = new CreationBreaker(config, id, session, service.service(), timing);
    this.stepBreaker = new StepBreaker(config, service.service(), timing);
    this.source = newSource();
    this.inFlight =
        new InFlight(config.concurrencyHere(), Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    this.timers = new WorkerTimers(timing);
    this.outputFiles = new OutputFiles();
    JobLedger.opened(config.jobId(), session);
  }

  static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** What every sandbox of the step is born with. */
  static SandboxDefaults defaults(StepConfig config, String id) {
    ExecConfig exec = config.exec();
    SandboxDefaults.Builder defaults =
        SandboxDefaults.builder()
            .tags(config.selector())
            .tags(List.of(Tag.worker(id)))
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

  Session session() {
    return session;
  }

  InFlight inFlight() {
    return inFlight;
  }

  OutputFiles outputFiles() {
    return outputFiles;
  }

  /**
   * Waits until the service has the image of the step, which may have to fetch it. What is wrong
   * with the image fails the bundle here, and with it the pipeline, before any command: each would
   * fail for the same reason. What only cannot be told now, the commands' own attempts will tell.
   *
   * @throws SandboxValidationException when the service cannot have it
   */
  void awaitImage() throws InterruptedException {
    CompletableFuture<Void> there = image();
    try {
      while (true) {
        try {
          there.get(STILL_USED_EVERY.toMillis(), TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          // Who waits uses it: the janitor must not take it away.
          touch();
        }
      }
    } catch (ExecutionException | CancellationException e) {
      if (e.getCause() instanceof SandboxValidationException refusal) {
        throw refusal;
      }
      LOG.debug("{}: the service cannot tell of its image now", config, e);
    }
  }

  /** Asked for once, and again when that failed. */
  private synchronized CompletableFuture<Void> image() {
    if (image == null || image.isCompletedExceptionally()) {
      image = service.service().prepare(Optional.ofNullable(config.exec().image()));
    }
    return image;
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
    return guarded(
        config.exec().isolation() == Isolation.ELEMENT && config.warm() > 0
            ? new WarmSandboxes(session, lifetime, config.warm(), timing::now)
            : new FreshSandboxes(session, lifetime));
  }

  private SandboxSource newPool() {
    return guarded(
        new SandboxPool(
            session, new SandboxLifetime(config.exec()), config.exec().maxReuses(), timing::now));
  }

  private SandboxSource guarded(SandboxSource source) {
    return new GuardedSandboxes(source, this::checkSandboxes);
  }

  private void checkSandboxes() {
    int most = mostSandboxes();
    breaker.check(most);
    stepBreaker.check(most);
  }

  /** The most sandboxes that it has a use for at a time, those that are ending among them. */
  private int mostSandboxes() {
    int concurrency = config.concurrencyHere();
    int used = InFlight.mostSandboxes(concurrency);
    return switch (config.exec().isolation()) {
      case ELEMENT -> used + config.warm();
      case WORKER -> used;
      // Each open bundle keeps what its own commands have left to each other.
      case BUNDLE -> Math.max(used, concurrency * (1 + instances.getAsInt()));
    };
  }

  /** What it does later; nothing once it is closed. */
  WorkerTimers timers() {
    return timers;
  }

  /** How long to wait before a command's next attempt. */
  Duration retryDelay(int attempt, Optional<Duration> hint) {
    return RetryDelay.after(attempt, hint, timing.random());
  }

  synchronized void touch() {
    lastUsed = timing.elapsed();
  }

  /** Whether nothing was asked of it for a time, and nothing is under way. */
  synchronized boolean isIdleFor(Duration time) {
    return inFlight.isIdle() && timing.elapsed().minus(lastUsed).compareTo(time) > 0;
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
    try {
      endSession().join();
    } finally {
      letGo();
    }
  }

  /** The first half of a close: completes when what can be ended has. Never exceptionally. */
  CompletableFuture<Void> endSession() {
    closed = true;
    return session
        .closeAsync()
        .exceptionally(
            failure -> {
              Throwable why = failure instanceof CompletionException ? failure.getCause() : failure;
              LOG.error("{}: {}. Type: {}", config, why.getMessage(), config.sweepCommand(), why);
              return null;
            });
  }

  /** The second half: what is not a sandbox. */
  void letGo() {
    JobLedger.closed(config.jobId(), session);
    timers.close();
    outputFiles.close();
    closeService();
  }

  private void closeService() {
    try {
      service.close();
    } catch (SandboxException e) {
      LOG.error("{}: the service did not close: {}", config, e.getMessage(), e);
    }
  }
}
