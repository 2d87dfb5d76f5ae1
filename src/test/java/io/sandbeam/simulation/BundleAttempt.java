package io.sandbeam.simulation;

import io.sandbeam.transforms.SimulatedBundle;
import io.sandbeam.transforms.SimulatedStep;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * One try of one bundle on one worker: a thread of the runner's, which looks again after a while
 * where the product would wait. A zombie when the runner has given it up.
 */
final class BundleAttempt implements SimulatedBundle.Outcomes {
  private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final Plan plan;
  private final Bug bug;
  private final Runner.Bundle bundle;
  private final WorkerProcess worker;
  private final Listener listener;
  private final Truth truth;
  private final Map<Integer, Integer> outcomes = new HashMap<>();
  private SimulatedBundle running;
  private Duration wait = SHORTEST_WAIT;
  private int submitted;
  private int notRun;
  private boolean over;

  /** Told once, in the worker's process. */
  interface Listener {
    void ended(BundleAttempt attempt, boolean succeeded);
  }

  BundleAttempt(
      Plan plan,
      Bug bug,
      Runner.Bundle bundle,
      WorkerProcess worker,
      Listener listener,
      Truth truth) {
    this.plan = plan;
    this.bug = bug;
    this.bundle = bundle;
    this.worker = worker;
    this.listener = listener;
    this.truth = truth;
  }

  Runner.Bundle bundle() {
    return bundle;
  }

  WorkerProcess worker() {
    return worker;
  }

  int outcomesOf(int element) {
    return outcomes.getOrDefault(element, 0);
  }

  int notRun() {
    return notRun;
  }

  void start() {
    worker.process().run(this::turn);
  }

  private void turn() {
    if (over) {
      return;
    }
    int before = submitted + outcomes.size();
    try {
      if (running == null) {
        running = worker.step(bundle.step).bundle();
      }
      while (submitted < bundle.elements.length) {
        SimulatedStep step = worker.step(bundle.step);
        if (!running.submit(step, bundle.elements[submitted], this)) {
          later(before);
          return;
        }
        submitted++;
      }
      if (!running.isFinished(this)) {
        later(before);
        return;
      }
    } catch (IllegalStateException e) {
      // What the product throws at a runner: the bundle is to be run again.
      truth.trace(worker.process(), () -> "a bundle fails: " + e.getMessage());
      giveUp();
      listener.ended(this, false);
      return;
    }
    over = true;
    Ends.of(running.retire(), (done, failure) -> listener.ended(this, true));
  }

  private void later(int before) {
    boolean progress = submitted + outcomes.size() > before;
    wait = progress ? SHORTEST_WAIT : shorter(wait.multipliedBy(2), LONGEST_WAIT);
    worker.process().schedule(wait, this::turn);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  /** Ends its commands. */
  void giveUp() {
    if (!over) {
      over = true;
      if (running != null) {
        running.giveUp();
      }
    }
  }

  @Override
  public void ran(int element) {
    if (bug == Bug.LOSES_OUTCOMES && element % 10 == 9) {
      return;
    }
    outcomes.merge(element, 1, Integer::sum);
  }

  @Override
  public void notRun(int element, String why) {
    if (!plan.failureOutput()) {
      throw new IllegalStateException(why);
    }
    notRun++;
    outcomes.merge(element, 1, Integer::sum);
  }
}
