package io.sandbeam.service.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties futures together so that neither a failure nor a cancellation is lost on the way. */
final class Futures {
  private static final Logger LOG = LoggerFactory.getLogger(Futures.class);

  private Futures() {}

  /** Told once the future is done; what the listener throws is a mistake of ours, and logged. */
  static <T> void end(CompletableFuture<T> future, BiConsumer<T, Throwable> listener) {
    CompletableFuture<T> unused =
        future.whenComplete(
            (value, failure) -> {
              try {
                listener.accept(value, failure == null ? null : cause(failure));
              } catch (RuntimeException e) {
                LOG.error("A listener failed", e);
              }
            });
  }

  /** The end of one is the end of the other. */
  static <T> void pass(CompletableFuture<T> from, CompletableFuture<T> to) {
    end(
        from,
        (value, failure) -> {
          if (failure == null) {
            to.complete(value);
          } else {
            to.completeExceptionally(failure);
          }
        });
  }

  /** Run when the future was cancelled, also when it is already. */
  static void onCancel(CompletableFuture<?> future, Runnable action) {
    end(
        future,
        (value, failure) -> {
          if (future.isCancelled()) {
            action.run();
          }
        });
  }

  /** Unwraps what stages add to a failure. */
  static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
