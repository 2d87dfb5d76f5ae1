package io.sandbeam.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** What {@link CompletableFuture} lacks. */
final class Futures {
  private Futures() {}

  /** The failure itself, without what futures wrap it in. */
  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Goes another way after one kind of failure. */
  static <T, F extends Throwable> CompletableFuture<T> recover(
      CompletableFuture<T> future, Class<F> kind, Function<F, CompletableFuture<T>> otherwise) {
    return future.exceptionallyCompose(
        failure -> {
          Throwable cause = cause(failure);
          return kind.isInstance(cause)
              ? otherwise.apply(kind.cast(cause))
              : CompletableFuture.failedFuture(cause);
        });
  }
}
