package io.sandbeam.simulation;

import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Beam's part: gives bundles to workers, runs those of lost workers again, commits each once, has a
 * step swept behind its last bundle, and does with its workers at the end what the plan says.
 */
final class Runner {
  /** How a job ends. */
  enum State {
    DONE,
    FAILED,
    CANCELLED
  }

  private static final int MOST_ATTEMPTS = 4;
  private static final Duration NOTICE = Duration.ofSeconds(5);
  private static final Duration MESSAGE = Duration.ofMillis(20);

  private final Plan plan;
  private final Bug bug;
  private final VirtualTime time;
  private final Supplier<WorkerProcess> newWorker;
  private final Truth truth;
  private final Deque<Bundle> pending = new ArrayDeque<>();
  private final Map<WorkerProcess, List<BundleAttempt>> workers = new LinkedHashMap<>();
  private final List<BundleAttempt> attempts = new ArrayList<>();
  private final int[] uncommitted;
  private final int[] outcomes;
  private final CompletableFuture<State> ended = new CompletableFuture<>();
  private int unsweptSteps;
  private int notRun;

  /** Some elements of one step. */
  static final class Bundle {
    final int step;
    final int[] elements;
    private int tries;

    Bundle(int step, int[] elements) {
      this.step = step;
      this.elements = elements;
    }
  }

  /**
   * @param newWorker starts a worker's process
   */
  Runner(Plan plan, Bug bug, VirtualTime time, Supplier<WorkerProcess> newWorker, Truth truth) {
    this.plan = plan;
    this.bug = bug;
    this.time = time;
    this.newWorker = newWorker;
    this.truth = truth;
    this.uncommitted = new int[plan.steps()];
    this.outcomes = new int[plan.steps() * plan.elements()];
    this.unsweptSteps = plan.steps();
  }

  /** Completes when the job is over. */
  CompletableFuture<State> ended() {
    return ended;
  }

  void start() {
    for (int step = 0; step < plan.steps(); step++) {
      for (int from = 0; from < plan.elements(); from += plan.bundleSize()) {
        int[] elements = new int[Math.min(plan.bundleSize(), plan.elements() - from)];
        Arrays.setAll(elements, i -> i);
        for (int i = 0; i < elements.length; i++) {
          elements[i] += step * plan.elements() + from;
        }
        pending.add(new Bundle(step, elements));
        uncommitted[step]++;
      }
    }
    for (int i = 0; i < plan.workers(); i++) {
      addWorker();
    }
    assign();
  }

  private void addWorker() {
    WorkerProcess worker = newWorker.get();
    workers.put(worker, new ArrayList<>());
    worker.process().onDeath(() -> time.schedule(NOTICE, () -> lost(worker)));
  }

  private void assign() {
    for (Map.Entry<WorkerProcess, List<BundleAttempt>> worker : workers.entrySet()) {
      while (worker.getValue().size() < plan.slots() && !pending.isEmpty()) {
        Bundle bundle = pending.poll();
        bundle.tries++;
        BundleAttempt attempt =
            new BundleAttempt(plan, bug, bundle, worker.getKey(), this::told, truth);
        worker.getValue().add(attempt);
        attempts.add(attempt);
        time.schedule(MESSAGE, attempt::start);
      }
    }
  }

  /**
   * The worker is dead, or so it seems: what it had is run elsewhere. Answers whether it was in
   * use.
   */
  boolean lost(WorkerProcess worker) {
    if (ended.isDone() || plan.place() == Plan.Place.LAUNCHER || !workers.containsKey(worker)) {
      return false; // a runner does not lose itself
    }
    List<BundleAttempt> had = workers.remove(worker);
    truth.trace("runner", () -> "has lost " + worker.process());
    had.forEach(attempt -> pending.add(attempt.bundle()));
    addWorker();
    assign();
    return true;
  }

  /** A worker says how an attempt ended. */
  private void told(BundleAttempt attempt, boolean succeeded) {
    time.schedule(MESSAGE, () -> settle(attempt, succeeded));
  }

  private void settle(BundleAttempt attempt, boolean succeeded) {
    List<BundleAttempt> current = workers.get(attempt.worker());
    if (ended.isDone() || current == null || !current.remove(attempt)) {
      return; // of a worker that was given up
    }
    Bundle bundle = attempt.bundle();
    if (succeeded) {
      commit(attempt);
      if (--uncommitted[bundle.step] == 0) {
        sweepStep(bundle.step);
      }
    } else if (bundle.tries >= MOST_ATTEMPTS) {
      end(State.FAILED);
      return;
    } else {
      pending.add(bundle);
    }
    assign();
  }

  private void commit(BundleAttempt attempt) {
    for (int element : attempt.bundle().elements) {
      outcomes[element] += attempt.outcomesOf(element);
      if (attempt.outcomesOf(element) != 1) {
        truth.broken(
            "a bundle of "
                + attempt.worker().process()
                + " finished with "
                + attempt.outcomesOf(element)
                + " outcomes of element "
                + element);
      }
    }
    notRun += attempt.notRun();
  }

  private void sweepStep(int step) {
    if (ended.isDone()) {
      return;
    }
    WorkerProcess worker = workers.keySet().iterator().next();
    StepSweep sweep = new StepSweep(plan, step, worker, truth);
    Ends.of(
        sweep.run(),
        (swept, failure) ->
            time.schedule(
                MESSAGE,
                () -> {
                  if (!swept) {
                    sweepStep(step);
                  } else if (--unsweptSteps == 0) {
                    end(State.DONE);
                  }
                }));
  }

  /** Ends the job, whatever is under way. Answers whether it was not over yet. */
  boolean end(State state) {
    if (ended.isDone()) {
      return false;
    }
    truth.trace("runner", () -> "job " + state);
    for (WorkerProcess worker : workers.keySet()) {
      switch (plan.ending()) {
        case TEARDOWN -> worker.process().run(() -> tearDown(worker));
        case KILLED -> {
          if (plan.place() == Plan.Place.ELSEWHERE) {
            worker.process().kill();
          }
        }
        case FORGOTTEN -> {}
      }
    }
    ended.complete(state);
    if (state == State.DONE) {
      checkOutcomes();
    }
    return true;
  }

  private void tearDown(WorkerProcess worker) {
    attempts.stream().filter(attempt -> attempt.worker() == worker).forEach(BundleAttempt::giveUp);
    CompletableFuture<Void> unused = worker.close();
  }

  /** What the runner promised is there. */
  private void checkOutcomes() {
    for (int element = 0; element < outcomes.length; element++) {
      if (outcomes[element] != 1) {
        truth.broken(
            "the job is done with " + outcomes[element] + " outcomes of element " + element);
      }
    }
    if (notRun > 0 && plan.faults().isEmpty() && plan.quota() == 0) {
      truth.broken("nothing went wrong, and " + notRun + " elements were not run");
    }
  }
}
