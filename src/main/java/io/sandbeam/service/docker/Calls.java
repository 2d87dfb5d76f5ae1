package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Hands calls over to workers, so that no caller waits, and refuses them after the close. */
final class Calls {
  private final Executor workers;
  private volatile boolean closed;

  Calls(Executor workers) {
    this.workers = workers;
  }

  /** Something that waits for the engine. */
  <T> CompletableFuture<T> call(Supplier<T> call) {
    return start(answer -> answer.complete(call.get()));
  }

  <T> CompletableFuture<T> compose(Supplier<CompletableFuture<T>> call) {
    return start(answer -> answer.follow(call.get(), () -> {}));
  }

  /** Something that waits for nothing: it is done at once, here. */
  <T> CompletableFuture<T> now(Consumer<Answer<T>> call) {
    Answer<T> answer = new Answer<>();
    if (closed) {
      answer.completeExceptionally(refusal(null));
    } else {
      run(call, answer);
    }
    return answer;
  }

  <T> CompletableFuture<T> start(Consumer<Answer<T>> call) {
    Answer<T> answer = new Answer<>();
    if (closed) {
      answer.completeExceptionally(refusal(null));
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
      answer.completeExceptionally(refusal(e));
    }
    return answer;
  }

  private static <T> void run(Consumer<Answer<T>> call, Answer<T> answer) {
    try {
      call.accept(answer);
    } catch (RuntimeException e) {
      answer.completeExceptionally(EngineFailure.asSandboxException(e));
    }
  }

  private static SandboxException refusal(Throwable cause) {
    return new SandboxException("The docker service is closed: open another", cause);
  }

  /** Refuses all calls from now on. */
  void close() {
    closed = true;
  }
}
