package io.sandbeam.testing;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last calls, in their order. Safe for any number of threads. */
final class CallLog {
  private static final int KEPT = 100_000;

  private final Deque<Call> calls = new ArrayDeque<>();
  private long count;

  synchronized void add(Operation operation, Object argument, Instant at) {
    if (calls.size() == KEPT) {
      calls.removeFirst();
    }
    calls.add(new Call(++count, operation, argument, Thread.currentThread().getName(), at));
  }

  synchronized List<Call> calls() {
    return List.copyOf(calls);
  }
}
