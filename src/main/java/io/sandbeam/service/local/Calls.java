package io.sandbeam.service.local;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Hands calls over to workers, so that no caller waits, and refuses them after the close. */
final class Calls {
  private final Executor workers;
  private volatile boolean closed;

  Calls(Executor workers) {
    this.workers = workers;
  }

  /** Something that waits or reads files, which a worker does. */
  interface Blocking<T> {
    T get() throws IOException;
  }

  <T> CompletableFuture<T> call(Blocking<T> call) {
    return compose(() -> CompletableFuture.completedFuture(call.get()));
  }

  <T> CompletableFuture<T> compose(Blocking<CompletableFuture<T>> call) {
    return start(() -> Answer.Call.of(call.get()));
  }

  /** Starts work that a cancelled answer stops. */
  <T> CompletableFuture<T> start(Blocking<Answer.Call<T>> call) {
    Answer<T> answer = new Answer<>();
    if (closed) {
      answer.completeExceptionally(refusal(null));
      return answer;
    }
    try {
      workers.execute(() -> work(call, answer));
    } catch (RejectedExecutionException e) {
      // It was closed between the question and now.
      answer.completeExceptionally(refusal(e));
    }
    return answer;
  }

  private static <T> void work(Blocking<Answer.Call<T>> call, Answer<T> answer) {
    if (answer.isDone()) {
      return;
    }
    try {
      Answer.Call<T> started = call.get();
      answer.completeWith(started);
    } catch (IOException | RuntimeException e) {
      answer.completeExceptionally(Answer.asSandboxException(e));
    }
  }

  private static SandboxException refusal(Throwable cause) {
    return new SandboxException("The local service is closed: open another", cause);
  }

  /** Refuses all calls from now on. */
  void close() {
    closed = true;
  }
}
