package io.sandbeam.sandbox;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** Loops over asynchronous steps. The stack stays flat when the steps complete at once. */
final class AsyncLoop {
  private AsyncLoop() {}

  /** Repeats a step as long as it answers true. A failed step ends the loop with its failure. */
  static CompletableFuture<Void> whileTrue(Supplier<CompletableFuture<Boolean>> step) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    turn(step, end);
    return end;
  }

  /**
   * Does something with each item, at most {@code parallelism} at a time. {@code work} reports its
   * own failures: one that it lets through stops its lane, and fails the whole when all lanes
   * ended.
   */
  static <T> CompletableFuture<Void> forEach(
      Iterator<T> items, int parallelism, Function<T, CompletableFuture<Void>> work) {
    Supplier<CompletableFuture<Boolean>> step =
        () -> {
          T item;
          synchronized (items) {
            if (!items.hasNext()) {
              return CompletableFuture.completedFuture(false);
            }
            item = items.next();
          }
          return work.apply(item).thenApply(done -> true);
        };
    CompletableFuture<?>[] lanes = new CompletableFuture<?>[parallelism];
    for (int lane = 0; lane < parallelism; lane++) {
      lanes[lane] = whileTrue(step);
    }
    return CompletableFuture.allOf(lanes);
  }

  private static void turn(Supplier<CompletableFuture<Boolean>> step, CompletableFuture<Void> end) {
    while (true) {
      CompletableFuture<Boolean> turn;
      try {
        turn = step.get();
      } catch (RuntimeException e) {
        end.completeExceptionally(e);
        return;
      }
      if (!turn.isDone()) {
        Watch.end(
            turn,
            (again, failure) -> {
              if (!ended(again, failure, end)) {
                turn(step, end);
              }
            });
        return;
      }
      Boolean again = turn.exceptionally(failure -> false).join();
      Throwable failure = turn.handle((value, why) -> why).join();
      if (ended(again, failure, end)) {
        return;
      }
    }
  }

  private static boolean ended(Boolean again, Throwable failure, CompletableFuture<Void> end) {
    if (failure != null) {
      end.completeExceptionally(Failures.cause(failure));
      return true;
    }
    if (!again) {
      end.complete(null);
      return true;
    }
    return false;
  }
}
