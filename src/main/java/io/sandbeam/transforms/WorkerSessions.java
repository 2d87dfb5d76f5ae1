package io.sandbeam.transforms;

import io.sandbeam.sandbox.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link Worker} per step in this JVM, shared by all DoFn instances of the step. An instance
 * holds it by a token: giving a token back twice changes nothing. The worker is opened by the first
 * element, closed by the last token, by the end of the job, or when nobody used it for a while
 * (some runners never tear instances down); in that case the next element opens a new one.
 *
 * <p>Statics outlive jobs on shared clusters, so nothing stays here after the last token but, in a
 * launcher's JVM, the ids of ended jobs.
 */
final class WorkerSessions {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerSessions.class);

  /** A session that was not used for this long is closed by its janitor. */
  static final Duration IDLE_LIMIT = Duration.ofMinutes(5);

  /** How long a teardown waits for the end of the sandboxes; it goes on behind. */
  static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

  /** Jobs whose end is remembered against stragglers; those of older ones are long gone. */
  private static final int REMEMBERED_JOBS = 1000;

  private static final Duration JANITOR_PERIOD = Duration.ofSeconds(30);
  private static final WorkerSessions OF_THIS_JVM = new WorkerSessions(Timing.system());

  private final Timing timing;
  private final Map<StepConfig, Entry> entries = new HashMap<>();
  private final Set<String> overJobs = new LinkedHashSet<>();

  WorkerSessions(Timing timing) {
    this.timing = timing;
  }

  static WorkerSessions ofThisJvm() {
    return OF_THIS_JVM;
  }

  /** A token of a step's worker. Opens nothing. */
  Token acquire(StepConfig config) {
    synchronized (entries) {
      if (overJobs.contains(config.jobId())) {
        // A runner may set an instance up for a job that has ended meanwhile. It creates nothing.
        Entry over = new Entry(config);
        over.end();
        return new Token(over);
      }
      Entry entry = entries.computeIfAbsent(config, Entry::new);
      Token token = new Token(entry);
      entry.tokens.add(token);
      return token;
    }
  }

  /**
   * The step is swept: its worker here keeps no sandboxes between commands any more. Completes when
   * those it kept are gone; never exceptionally.
   */
  CompletableFuture<Void> retirePools(String jobId, String step) {
    return CompletableFuture.allOf(
        entriesOf(jobId).stream()
            .filter(entry -> entry.config.step().equals(step))
            .map(Entry::retirePool)
            .toArray(CompletableFuture<?>[]::new));
  }

  /** A job of this id starts, perhaps again: its workers may be opened. */
  void startJob(String jobId) {
    synchronized (entries) {
      overJobs.remove(jobId);
    }
  }

  /**
   * The job is over: closes its workers here, and opens no new one, neither for the tokens still
   * out nor for instances that a runner sets up late.
   */
  void closeJob(String jobId, Duration deadline) {
    List<Entry> ended;
    synchronized (entries) {
      overJobs.add(jobId);
      if (overJobs.size() > REMEMBERED_JOBS) {
        overJobs.remove(overJobs.iterator().next());
      }
      ended = entriesOf(jobId);
      // A token may come back much later, or never.
      ended.forEach(entry -> entries.remove(entry.config, entry));
    }
    List<Worker> open = new ArrayList<>();
    for (Entry entry : ended) {
      Worker worker = entry.end();
      if (worker != null) {
        open.add(worker);
      }
    }
    closeAll(open, deadline);
  }

  /** Closes what nobody used for {@link #IDLE_LIMIT}; the janitor's round. */
  void closeIdle() {
    List<Entry> all;
    synchronized (entries) {
      all = new ArrayList<>(entries.values());
    }
    List<Worker> idle = new ArrayList<>();
    for (Entry entry : all) {
      Worker worker = entry.takeIdle();
      if (worker != null) {
        LOG.info("{}: not used for {}, its session is closed", entry.config, IDLE_LIMIT);
        idle.add(worker);
      }
    }
    closeAll(idle, Duration.ZERO);
  }

  /** How many steps have a token out, for tests. */
  int size() {
    synchronized (entries) {
      return entries.size();
    }
  }

  private List<Entry> entriesOf(String jobId) {
    synchronized (entries) {
      return entries.values().stream().filter(entry -> entry.config.jobId().equals(jobId)).toList();
    }
  }

  /**
   * Closes on threads of its own and waits for at most the deadline. Never throws; an interrupt
   * cuts the waiting short of nothing and is there again afterwards.
   */
  private static void closeAll(List<Worker> workers, Duration deadline) {
    CountDownLatch closed = new CountDownLatch(workers.size());
    for (Worker worker : workers) {
      Worker.daemon(
              () -> {
                try {
                  worker.close();
                } finally {
                  closed.countDown();
                }
              },
              "sandbeam-close")
          .start();
    }
    boolean interrupted = Thread.interrupted();
    try {
      long end = System.nanoTime() + deadline.toNanos();
      while (true) {
        try {
          if (!closed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS) && !deadline.isZero()) {
            LOG.warn(
                "Sessions of {} are still closing after {}; they go on",
                workers.get(0).config(),
                deadline);
          }
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One step's worker, open or not, and who may use it. */
  private final class Entry {
    final StepConfig config;
    final Set<Token> tokens = ConcurrentHashMap.newKeySet();
    private Worker worker;
    private boolean over;
    private boolean swept;

    Entry(StepConfig config) {
      this.config = config;
    }

    synchronized Worker worker() {
      if (over) {
        throw new IllegalStateException(
            "The job of " + config + " is over: no sandbox is created any more");
      }
      if (worker == null) {
        worker =
            new Worker(
                config,
                WorkerId.ofThisJvm(),
                timing,
                SharedServices.hold(config.service()),
                tokens::size);
        if (swept) {
          CompletableFuture<Void> unused = worker.retirePool(); // it keeps none yet
        }
        worker.timers().every(JANITOR_PERIOD, WorkerSessions.this::closeIdle);
      }
      worker.touch();
      return worker;
    }

    synchronized Optional<Worker> open() {
      return Optional.ofNullable(worker);
    }

    synchronized CompletableFuture<Void> retirePool() {
      swept = true;
      return worker == null ? CompletableFuture.completedFuture(null) : worker.retirePool();
    }

    synchronized Worker takeIdle() {
      return worker != null && worker.isIdleFor(IDLE_LIMIT) ? take() : null;
    }

    synchronized Worker end() {
      over = true;
      return take();
    }

    private Worker take() {
      Worker taken = worker;
      worker = null;
      return taken;
    }
  }

  /** One DoFn instance's hold on its step's worker. */
  final class Token {
    private final Entry entry;
    private final AtomicBoolean released = new AtomicBoolean();

    private Token(Entry entry) {
      this.entry = entry;
    }

    /**
     * The worker, opened if need be.
     *
     * @throws io.sandbeam.service.SandboxException when the service cannot be opened here
     * @throws IllegalStateException when the token was given back, or the job is over
     */
    Worker worker() {
      if (released.get()) {
        throw new IllegalStateException("Torn down already: " + entry.config);
      }
      return entry.worker();
    }

    /** The worker when it is open; opens none. */
    Optional<Worker> open() {
      return entry.open();
    }

    /** Gives the token back; the last one closes the worker. Never throws, never waits long. */
    void release() {
      if (!released.compareAndSet(false, true)) {
        return;
      }
      synchronized (entries) {
        entry.tokens.remove(this);
        if (!entry.tokens.isEmpty()) {
          return;
        }
        entries.remove(entry.config, entry);
      }
      Worker last = entry.end();
      if (last != null) {
        closeAll(List.of(last), CLOSE_DEADLINE);
      }
    }
  }
}
