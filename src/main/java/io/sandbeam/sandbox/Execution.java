package io.sandbeam.sandbox;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** One command, with an end: a service that never answers must not hold its caller for ever. */
final class Execution {
  private final SandboxService service;
  private final Timing timing;

  private Execution(SandboxService service, Timing timing) {
    this.service = service;
    this.timing = timing;
  }

  static Execution of(SandboxService service, Timing timing) {
    return new Execution(service, timing);
  }

  /** Cancelling the future cancels the call, and so does the limit. */
  CompletableFuture<ExecResult> run(String id, ExecRequest request) {
    Duration limit = service.longestExec(request);
    CompletableFuture<ExecResult> call = service.exec(id, request);
    if (call.isDone()) {
      return call;
    }
    CompletableFuture<ExecResult> result = new CompletableFuture<>();
    Timing.Timer timer =
        timing.schedule(
            limit,
            () ->
                result.completeExceptionally(
                    new SandboxTimeoutException(
                        "Sandbox "
                            + id
                            + " did not answer within "
                            + Retry.seconds(limit)
                            + " to a command with a limit of "
                            + Retry.seconds(request.timeout())
                            + ": it may still be running",
                        null)));
    Watch.end(
        call,
        (value, failure) -> {
          timer.cancel();
          if (failure == null) {
            result.complete(value);
          } else {
            result.completeExceptionally(Failures.of(failure));
          }
        });
    Watch.end(
        result,
        (value, failure) -> {
          if (failure != null) {
            call.cancel(true);
          }
        });
    return result;
  }
}
