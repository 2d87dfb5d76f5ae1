package io.sandbeam.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** Reactions to the end of a future that nobody waits for any further. */
final class Ends {
  private Ends() {}

  /** What the reaction throws is thrown where the future ends. */
  static <T> void of(CompletableFuture<T> future, BiConsumer<? super T, Throwable> reaction) {
    CompletableFuture<T> unused = future.whenComplete(reaction);
  }
}
