package io.sandbeam.sandbox;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What a failed future holds, without the wrapping that futures add. */
final class Failures {
  private Failures() {}

  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * As an exception of the contract. A service that fails with anything else has said nothing about
   * what it did, so the effect is unknown.
   */
  static SandboxException of(Throwable failure) {
    Throwable cause = cause(failure);
    return cause instanceof SandboxException known
        ? known
        : new SandboxUnavailableException(
            "The service failed unexpectedly: " + cause, cause, Effect.UNKNOWN, null);
  }

  /** Waits, and throws what the future failed with as it is. */
  static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      Throwable cause = cause(e);
      if (cause instanceof SandboxException known) {
        throw known;
      }
      throw e;
    }
  }
}
