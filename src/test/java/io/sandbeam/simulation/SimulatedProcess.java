package io.sandbeam.simulation;

import io.sandbeam.sandbox.Timing;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * One process: all that happens in it, happens through here. Dead, it does nothing any more, and
 * its answers reach nobody. Stopped, it does everything later. Its clock may be off.
 */
final class SimulatedProcess implements Timing {
  private final VirtualTime time;
  private final String name;
  private final Duration skew;
  private final RandomGenerator random;
  private final Deque<Act> backlog = new ArrayDeque<>();
  private final List<Runnable> deathWatch = new ArrayList<>();
  private boolean dead;
  private boolean paused;
  private int calls;

  SimulatedProcess(VirtualTime time, String name, Duration skew, long seed) {
    this.time = time;
    this.name = name;
    this.skew = skew;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  String name() {
    return name;
  }

  boolean isDead() {
    return dead;
  }

  boolean isRunning() {
    return !dead && !paused;
  }

  /** Counts one more call to the service, from 0. */
  int nextCall() {
    return calls++;
  }

  /** Does it now, later, or never. */
  void run(Runnable task) {
    perform(new Act(task));
  }

  private void perform(Act act) {
    if (paused && !dead) {
      backlog.add(act);
    } else if (!dead && !act.cancelled) {
      act.task.run();
    }
  }

  void kill() {
    if (dead) {
      return;
    }
    dead = true;
    backlog.clear();
    deathWatch.forEach(Runnable::run);
  }

  /** Told when it dies, outside of it. */
  void onDeath(Runnable watcher) {
    deathWatch.add(watcher);
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    while (!backlog.isEmpty() && isRunning()) {
      perform(backlog.poll());
    }
  }

  @Override
  public Instant now() {
    return time.now().plus(skew);
  }

  @Override
  public Duration elapsed() {
    return time.elapsed();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Act act = new Act(task);
    time.schedule(delay, () -> perform(act));
    return act;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Act implements Timer {
    private final Runnable task;
    private boolean cancelled;

    Act(Runnable task) {
      this.task = task;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }
}
