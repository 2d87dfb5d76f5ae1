package io.sandbeam.service.leased;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Hands calls over to workers, so that no caller waits, and refuses them after the close. What it
 * returns ends with a value or a {@link io.sandbeam.service.SandboxException}. Thread-safe.
 */
public final class Calls {
  private final CallFailures failures;
  private final Executor workers;
  private volatile boolean closed;

  public Calls(CallFailures failures, Executor workers) {
    this.failures = failures;
    this.workers = workers;
  }

  /** Something that may wait. */
  public interface Blocking<T> {
    T get() throws IOException;
  }

  /**
   * Work under way.
   *
   * @param future its end
   * @param cancel asks it to stop
   */
  public record Work<T>(CompletableFuture<T> future, Runnable cancel) {
    /** Work that goes on when its answer is cancelled. */
    public static <T> Work<T> of(CompletableFuture<T> future) {
      return new Work<>(future, () -> {});
    }
  }

  /** Has a worker do it. */
  public <T> CompletableFuture<T> call(Blocking<T> call) {
    return compose(() -> CompletableFuture.completedFuture(call.get()));
  }

  /** Has a worker start it. */
  public <T> CompletableFuture<T> compose(Blocking<CompletableFuture<T>> call) {
    return start(() -> Work.of(call.get()));
  }

  /** Has a worker start what a cancelled answer stops. */
  public <T> CompletableFuture<T> start(Blocking<Work<T>> call) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (closed) {
      answer.completeExceptionally(failures.closed(null));
      return answer;
    }
    try {
      workers.execute(
          () -> {
            if (!answer.isDone()) {
              run(call, answer);
            }
          });
    } catch (RejectedExecutionException e) {
      // It was closed between the question and now.
      answer.completeExceptionally(failures.closed(e));
    }
    return answer;
  }

  /** Starts here and now what waits for nothing, and what a cancelled answer stops. */
  public <T> CompletableFuture<T> now(Blocking<Work<T>> call) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (closed) {
      answer.completeExceptionally(failures.closed(null));
    } else {
      run(call, answer);
    }
    return answer;
  }

  private <T> void run(Blocking<Work<T>> call, CompletableFuture<T> answer) {
    try {
      follow(call.get(), answer);
    } catch (IOException | RuntimeException e) {
      answer.completeExceptionally(failures.of(e));
    }
  }

  /** The end of the work is the answer's; and when that is cancelled, so is the work. */
  private <T> void follow(Work<T> work, CompletableFuture<T> answer) {
    var unused =
        answer.whenComplete(
            (value, failure) -> {
              if (answer.isCancelled()) {
                work.cancel().run();
              }
            });
    var unusedToo =
        work.future()
            .whenComplete(
                (value, failure) -> {
                  if (failure == null) {
                    answer.complete(value);
                  } else {
                    answer.completeExceptionally(failures.of(failure));
                  }
                });
  }

  /** Refuses all calls from now on. */
  public void close() {
    closed = true;
  }
}
