package io.sandbeam.service.docker;

import java.util.concurrent.CompletableFuture;

/** What a caller holds. When it is cancelled, so is the work. */
final class Answer<T> extends CompletableFuture<T> {

  /** The end of the call is this answer's. */
  void follow(CompletableFuture<T> call, Runnable cancel) {
    var unused =
        whenComplete(
            (value, failure) -> {
              if (isCancelled()) {
                cancel.run();
              }
            });
    var unusedToo =
        call.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                complete(value);
              } else {
                completeExceptionally(EngineFailure.asSandboxException(failure));
              }
            });
  }
}
