package io.sandbeam.transforms;

import io.sandbeam.sandbox.Timing;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker is to do later; closed, it does none of it. Safe for any number of threads. */
final class WorkerTimers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerTimers.class);

  private final Timing timing;
  private final Set<Task> pending = new LinkedHashSet<>();
  private boolean closed;

  WorkerTimers(Timing timing) {
    this.timing = timing;
  }

  /**
   * Runs a short task once, after a delay.
   *
   * @throws IllegalStateException when it is closed
   */
  synchronized void after(Duration delay, Runnable act) {
    if (closed) {
      throw new IllegalStateException("The worker is closed: it does nothing later any more");
    }
    Task task = new Task(act);
    pending.add(task);
    task.timer = timing.schedule(delay, task);
  }

  /** Repeats a short task until it is closed. */
  void every(Duration period, Runnable act) {
    after(
        period,
        () -> {
          try {
            act.run();
          } catch (RuntimeException e) {
            // The next turn may do better.
            LOG.warn("A timer failed", e);
          }
          repeat(period, act);
        });
  }

  private synchronized void repeat(Duration period, Runnable act) {
    if (!closed) {
      every(period, act);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    pending.forEach(task -> task.timer.cancel());
    pending.clear();
  }

  private synchronized boolean take(Task task) {
    return pending.remove(task);
  }

  private final class Task implements Runnable {
    private final Runnable act;
    private Timing.Timer timer;

    Task(Runnable act) {
      this.act = act;
    }

    @Override
    public void run() {
      if (take(this)) {
        act.run();
      }
    }
  }
}
