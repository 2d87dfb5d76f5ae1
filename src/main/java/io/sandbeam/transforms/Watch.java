package io.sandbeam.transforms;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Acts at the end of a future that nobody waits for, without losing what the act itself throws. */
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private Watch() {}

  /** Acts once, however the future ends. */
  static <T> void end(CompletableFuture<T> future, BiConsumer<? super T, Throwable> act) {
    CompletableFuture<Void> unused =
        future.handle(
            (value, failure) -> {
              try {
                act.accept(value, failure);
              } catch (RuntimeException | Error e) {
                LOG.error("A reaction to the end of a call failed: this is a bug in Sandbeam", e);
              }
              return null;
            });
  }
}
