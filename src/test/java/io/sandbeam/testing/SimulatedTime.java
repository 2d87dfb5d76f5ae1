package io.sandbeam.testing;

import io.sandbeam.sandbox.Timing;
import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The clock of a simulation, and what is to happen later by it. Safe for any number of threads. */
abstract class SimulatedTime {

  /** Takes back what has not happened yet. */
  interface Cancellation {
    void cancel();
  }

  abstract Instant now();

  /** Runs the task when the delay is over: on this thread when it is zero. */
  abstract Cancellation after(Duration delay, Runnable task);

  abstract void advance(Duration step);

  abstract void stop();

  static SimulatedTime real() {
    return new Real();
  }

  static SimulatedTime virtual() {
    return new Virtual();
  }

  /** That of somebody else, who lets it pass. */
  static SimulatedTime of(Timing timing) {
    return new Shared(timing);
  }

  private static final class Shared extends SimulatedTime {
    private final Timing timing;

    Shared(Timing timing) {
      this.timing = timing;
    }

    @Override
    Instant now() {
      return timing.now();
    }

    @Override
    Cancellation after(Duration delay, Runnable task) {
      if (delay.isZero()) {
        task.run();
        return () -> {};
      }
      return timing.schedule(delay, task)::cancel;
    }

    @Override
    void advance(Duration step) {
      throw new IllegalStateException("This time is advanced where it was made");
    }

    /** What is due belongs to others, too; here nothing is left that matters. */
    @Override
    void stop() {}
  }

  private static final class Real extends SimulatedTime {
    private final ScheduledThreadPoolExecutor timer;

    Real() {
      timer =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "sandbeam-simulation");
                thread.setDaemon(true);
                return thread;
              });
      timer.setRemoveOnCancelPolicy(true);
      timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    Instant now() {
      return Instant.now();
    }

    @Override
    Cancellation after(Duration delay, Runnable task) {
      if (delay.isZero()) {
        task.run();
        return () -> {};
      }
      ScheduledFuture<?> scheduled = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    }

    @Override
    void advance(Duration step) {
      throw new IllegalStateException(
          "Real time cannot be advanced: make the service with inVirtualTime()");
    }

    @Override
    void stop() {
      timer.shutdown();
    }
  }

  private static final class Virtual extends SimulatedTime {
    private record Due(Instant at, long number, Runnable task) implements Comparable<Due> {
      @Override
      public int compareTo(Due other) {
        int byTime = at.compareTo(other.at);
        return byTime != 0 ? byTime : Long.compare(number, other.number);
      }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private Instant now = Instant.EPOCH;
    private long scheduled;

    @Override
    synchronized Instant now() {
      return now;
    }

    @Override
    Cancellation after(Duration delay, Runnable task) {
      if (delay.isZero()) {
        task.run();
        return () -> {};
      }
      Due due;
      synchronized (this) {
        due = new Due(now.plus(delay), ++scheduled, task);
        queue.add(due);
      }
      return () -> {
        synchronized (this) {
          queue.remove(due);
        }
      };
    }

    /** Tasks run in the order of their times, without the lock, so that they may schedule more. */
    @Override
    void advance(Duration step) {
      Instant target = now().plus(step);
      for (Due due = next(target); due != null; due = next(target)) {
        due.task().run();
      }
    }

    private synchronized Due next(Instant target) {
      Due due = queue.peek();
      if (due == null || due.at().isAfter(target)) {
        now = target.isAfter(now) ? target : now;
        return null;
      }
      now = due.at().isAfter(now) ? due.at() : now;
      return queue.poll();
    }

    @Override
    synchronized void stop() {
      queue.clear();
    }
  }
}
