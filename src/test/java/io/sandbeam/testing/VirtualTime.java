package io.sandbeam.testing;

import io.sandbeam.sandbox.Timing;
import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Time that passes only when a test says so, and chance that is the same for the same seed. Starts
 * at the epoch. What is due runs on the thread that lets time pass, in order of time, then of
 * scheduling. Give it to a {@link FaultySandboxService#on}, too, and both live in one time.
 */
public final class VirtualTime implements Timing {
  private static final class Due implements Timer, Comparable<Due> {
    private final Duration at;
    private final long number;
    private volatile Runnable task;

    Due(Duration at, long number, Runnable task) {
      this.at = at;
      this.number = number;
      this.task = task;
    }

    /** Stays queued until its time: taking it out would cost a walk through the queue. */
    @Override
    public void cancel() {
      task = () -> {};
    }

    @Override
    public int compareTo(Due other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private final RandomGenerator random;
  private Duration now = Duration.ZERO;
  private long scheduled;

  public VirtualTime(long seed) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  @Override
  public synchronized Instant now() {
    return Instant.EPOCH.plus(now);
  }

  @Override
  public synchronized Duration elapsed() {
    return now;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    Duration at = delay.isNegative() ? now : now.plus(delay);
    Due due = new Due(at, ++scheduled, task);
    queue.add(due);
    return due;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  /** Lets time pass. */
  public void advance(Duration step) {
    Duration target = elapsed().plus(step);
    for (Due due = next(target); due != null; due = next(target)) {
      due.task.run();
    }
  }

  /**
   * Lets time pass, from one due task to the next, until the future has ended.
   *
   * @throws AssertionError when it has not ended after {@code limit}, or nothing is due any more
   */
  public <T> CompletableFuture<T> until(CompletableFuture<T> future, Duration limit) {
    Duration target = elapsed().plus(limit);
    while (!future.isDone()) {
      Due due = next(target);
      if (due == null) {
        throw new AssertionError("Not ended after " + limit + " of virtual time");
      }
      due.task.run();
    }
    return future;
  }

  private synchronized Due next(Duration target) {
    Due due = queue.peek();
    if (due == null || due.at.compareTo(target) > 0) {
      now = target;
      return null;
    }
    now = due.at;
    return queue.poll();
  }
}
