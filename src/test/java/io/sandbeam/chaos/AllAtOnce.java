package io.sandbeam.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Several tasks side by side: none waits for another, and none keeps the JVM. */
final class AllAtOnce {
  /** One of them. */
  interface Task {
    void run() throws Exception;
  }

  private AllAtOnce() {}

  /** Runs them; answers what went wrong, late ones included, which are interrupted. */
  static List<Throwable> run(List<Task> tasks, Duration limit) {
    List<Callable<Boolean>> calls = new ArrayList<>();
    for (Task task : tasks) {
      calls.add(
          () -> {
            task.run();
            return true;
          });
    }
    ExecutorService threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "sandbeam-chaos-end-one");
              thread.setDaemon(true);
              return thread;
            });
    List<Throwable> failures = new ArrayList<>();
    try {
      for (Future<Boolean> one :
          threads.invokeAll(calls, limit.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          one.get();
        } catch (ExecutionException e) {
          failures.add(e.getCause());
        } catch (CancellationException e) {
          failures.add(new IllegalStateException("It took longer than " + limit, e));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add(e);
    } finally {
      threads.shutdownNow();
    }
    return failures;
  }
}
