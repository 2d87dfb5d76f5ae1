package io.sandbeam.service.leased;

import io.sandbeam.service.DeleteResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

/**
 * Stops sandboxes for who deletes them. A kill takes a moment only: it is waited for, and the
 * caller need not ask again. Thread-safe.
 *
 * @param patience how long a kill is waited for
 * @param timer by which that is measured
 * @param workers complete the answer when the patience is over
 */
public record PromptStop(Duration patience, Timer timer, Executor workers) {

  /**
   * The answer to a delete: how it stands once it is gone, or when the patience is over, or, with a
   * grace, at once.
   *
   * @param snapshots those that the delete took
   */
  public CompletableFuture<DeleteResult> stop(
      LeasedSandbox sandbox, Duration grace, List<String> snapshots) {
    sandbox.stop(grace);
    CompletableFuture<?> seen = CompletableFuture.completedFuture(null);
    if (grace.isZero()) {
      seen = sandbox.gone().copy();
      CompletableFuture<?> awaited = seen;
      Future<?> limit = timer.later(patience, () -> workers.execute(() -> awaited.complete(null)));
      var unused = seen.whenComplete((info, failure) -> limit.cancel(false));
    }
    return seen.thenApply(info -> new DeleteResult(Optional.of(sandbox.info()), snapshots));
  }
}
