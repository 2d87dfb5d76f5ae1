package io.sandbeam.sandbox;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reactions to the end of a future that nobody waits for any further. */
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private Watch() {}

  /** Tells the reaction the value, or the failure without the wrapping that futures add. */
  static <T> void end(CompletableFuture<T> future, BiConsumer<? super T, Throwable> reaction) {
    CompletableFuture<Void> watched =
        future.handle(
            (value, failure) -> {
              reaction.accept(value, failure == null ? null : Failures.cause(failure));
              return null;
            });
    CompletableFuture<Void> unused =
        watched.exceptionally(
            bug -> {
              LOG.error("A reaction to the end of a call failed: this is a bug in Sandbeam", bug);
              return null;
            });
  }

  /** Goes on after either end of a future. */
  static <T, R> CompletableFuture<R> then(
      CompletableFuture<T> future, BiFunction<? super T, Throwable, CompletableFuture<R>> next) {
    CompletableFuture<R> result = new CompletableFuture<>();
    end(
        future,
        (value, failure) -> {
          try {
            pass(next.apply(value, failure), result);
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** Gives one future the end of another. */
  static <T> void pass(CompletableFuture<T> from, CompletableFuture<? super T> to) {
    end(
        from,
        (value, failure) -> {
          if (failure == null) {
            to.complete(value);
          } else {
            to.completeExceptionally(Failures.of(failure));
          }
        });
  }
}
