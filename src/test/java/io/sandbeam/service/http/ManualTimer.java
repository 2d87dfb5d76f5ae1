package io.sandbeam.service.http;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose tasks run when the test says so, on its thread; and a clock that it moves. */
final class ManualTimer extends ScheduledThreadPoolExecutor {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Duration> delays = new ArrayList<>();
  private long nanos;

  ManualTimer() {
    super(1);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    tasks.addLast(task);
    delays.add(Duration.ofNanos(unit.toNanos(delay)));
    return super.schedule(() -> {}, 0, TimeUnit.NANOSECONDS);
  }

  /** Of all tasks there were, the oldest first. */
  List<Duration> delays() {
    return delays;
  }

  long nanos() {
    return nanos;
  }

  void advance(Duration time) {
    nanos += time.toNanos();
  }

  /** Runs what is scheduled now, and not what that schedules. */
  void run() {
    List<Runnable> due = new ArrayList<>(tasks);
    tasks.clear();
    due.forEach(Runnable::run);
  }
}
