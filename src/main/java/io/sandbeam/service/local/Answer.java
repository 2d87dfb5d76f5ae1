package io.sandbeam.service.local;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a caller holds: ends with a value or a {@link SandboxException}, and when it is cancelled,
 * so is the work.
 */
final class Answer<T> extends CompletableFuture<T> {

  /**
   * Work under way.
   *
   * @param future its end
   * @param cancel asks it to stop
   */
  record Call<T>(CompletableFuture<T> future, Runnable cancel) {
    static <T> Call<T> of(CompletableFuture<T> future) {
      return new Call<>(future, () -> {});
    }
  }

  void completeWith(Call<T> call) {
    var unused =
        whenComplete(
            (value, failure) -> {
              if (isCancelled()) {
                call.cancel().run();
              }
            });
    var unusedToo =
        call.future()
            .whenComplete(
                (value, failure) -> {
                  if (failure == null) {
                    complete(value);
                  } else {
                    completeExceptionally(asSandboxException(failure));
                  }
                });
  }

  static SandboxException asSandboxException(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof SandboxException exception
        ? exception
        : new SandboxUnavailableException(
            "The local service failed: " + cause, cause, Effect.UNKNOWN, null);
  }
}
