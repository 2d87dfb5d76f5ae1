package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Calls of a service, each with a limit, tried again while that may help. */
final class Retry {
  private final Timing timing;

  Retry(Timing timing) {
    this.timing = timing;
  }

  /**
   * Calls until an answer, a failure that is not retryable, or the end of the budget. The failure
   * is then that of the last call; after several calls its message says how many and how long.
   *
   * @param what for messages, such as {@code create a sandbox}
   */
  <T> CompletableFuture<T> run(
      RetryPolicy policy, String what, Supplier<CompletableFuture<T>> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    attempt(policy, what, call, new Backoff(policy, timing), result);
    return result;
  }

  /** Calls once. A service that stays silent for the limit, or throws, is a failed future, too. */
  <T> CompletableFuture<T> once(Duration limit, String what, Supplier<CompletableFuture<T>> call) {
    CompletableFuture<T> answer;
    try {
      answer = call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(Failures.of(e));
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    if (answer.isDone()) {
      Watch.pass(answer, result);
      return result;
    }
    Timing.Timer timer =
        timing.schedule(
            limit,
            () ->
                result.completeExceptionally(
                    new SandboxTimeoutException(
                        "No answer within " + seconds(limit) + " to: " + what, null)));
    Watch.end(answer, (value, failure) -> timer.cancel());
    Watch.pass(answer, result);
    return result;
  }

  private <T> void attempt(
      RetryPolicy policy,
      String what,
      Supplier<CompletableFuture<T>> call,
      Backoff backoff,
      CompletableFuture<T> result) {
    Watch.end(
        once(policy.callLimit(), what, call),
        (value, failure) -> {
          if (failure == null) {
            result.complete(value);
            return;
          }
          SandboxException why = Failures.of(failure);
          Optional<Duration> wait = backoff.after(why);
          if (wait.isPresent()) {
            timing.schedule(wait.get(), () -> attempt(policy, what, call, backoff, result));
          } else {
            result.completeExceptionally(gaveUp(what, backoff, why));
          }
        });
  }

  /** Keeps the kind of failure, and says what was tried. */
  static SandboxException gaveUp(String what, Backoff backoff, SandboxException last) {
    if (backoff.failures() == 1 || !last.retryable()) {
      return last;
    }
    String message =
        "Could not "
            + what
            + ": gave up after "
            + backoff.failures()
            + " tries in "
            + seconds(backoff.spent())
            + "; the last one: "
            + last.getMessage();
    if (last instanceof SandboxResourceExhaustedException) {
      return new SandboxResourceExhaustedException(message, last, last.retryAfter().orElse(null));
    }
    if (last instanceof SandboxTimeoutException) {
      return new SandboxTimeoutException(message, last);
    }
    if (last instanceof SandboxUnavailableException) {
      return new SandboxUnavailableException(
          message, last, last.effect(), last.retryAfter().orElse(null));
    }
    return last;
  }

  /** As {@code 1.5 s}. */
  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
