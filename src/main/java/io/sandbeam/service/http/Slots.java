package io.sandbeam.service.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Lets so many calls be under way at once; the others wait in line, without a thread. The line is
 * as long as its callers make it: each of them holds its own command already.
 */
final class Slots {
  private final Deque<Runnable> line = new ArrayDeque<>();
  private final int count;
  private int free;

  Slots(int count) {
    this.count = count;
    this.free = count;
  }

  /** How many have to be done, one after the other, before the next to come is. */
  synchronized int ahead() {
    return free > 0 ? 0 : 1 + line.size() / count;
  }

  /** Runs the work when a slot is free, and frees it when the work is done, in whatever way. */
  <T> CompletableFuture<T> run(Supplier<CompletableFuture<T>> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable start = () -> start(work, result);
    synchronized (this) {
      if (free == 0) {
        line.addLast(start);
        Futures.end(result, (value, failure) -> leaveLine(start));
        return result;
      }
      free--;
    }
    start.run();
    return result;
  }

  private <T> void start(Supplier<CompletableFuture<T>> work, CompletableFuture<T> result) {
    if (result.isDone()) {
      release();
      return;
    }
    CompletableFuture<T> call;
    try {
      call = work.get();
    } catch (RuntimeException e) {
      call = CompletableFuture.failedFuture(e);
    }
    CompletableFuture<T> running = call;
    Futures.end(running, (value, failure) -> release());
    Futures.pass(running, result);
    Futures.onCancel(result, () -> running.cancel(true));
  }

  private synchronized void leaveLine(Runnable start) {
    line.remove(start);
  }

  private void release() {
    Runnable next;
    synchronized (this) {
      next = line.pollFirst();
      if (next == null) {
        free++;
      }
    }
    if (next != null) {
      next.run();
    }
  }
}
