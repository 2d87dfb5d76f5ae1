package io.sandbeam.sandbox;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** Asks for a snapshot and waits until it is ready or has failed. */
final class Snapshotting {
  private final SandboxService service;
  private final Timing timing;

  Snapshotting(SandboxService service, Timing timing) {
    this.service = service;
    this.timing = timing;
  }

  CompletableFuture<Snapshot> take(String sandboxId, RequestId requestId) {
    SnapshotRequest request = new SnapshotRequest(sandboxId, SandboxSpec.SCRATCH_VOLUME, requestId);
    Duration deadline = timing.elapsed().plus(Stopping.SNAPSHOT_BUDGET);
    return new Retry(timing)
        .run(
            RetryPolicy.CALLS,
            "take a snapshot of sandbox " + sandboxId,
            () -> service.createSnapshot(request))
        .thenCompose(first -> await(first, deadline));
  }

  private CompletableFuture<Snapshot> await(Snapshot first, Duration deadline) {
    AtomicReference<Snapshot> last = new AtomicReference<>(first);
    return AsyncLoop.whileTrue(
            () ->
                underway(last.get())
                    ? look(last.get().id(), deadline)
                        .thenApply(
                            seen -> {
                              last.set(seen);
                              return true;
                            })
                    : CompletableFuture.completedFuture(false))
        .thenApply(end -> ready(last.get()));
  }

  private CompletableFuture<Snapshot> look(String id, Duration deadline) {
    if (timing.elapsed().compareTo(deadline) > 0) {
      return CompletableFuture.failedFuture(
          new SandboxTimeoutException(
              "Snapshot " + id + " was not ready after " + Stopping.SNAPSHOT_BUDGET, null));
    }
    return Delay.of(timing, RetryPolicy.POLLS.firstDelay())
        .thenCompose(
            due ->
                new Retry(timing)
                    .run(RetryPolicy.POLLS, "get snapshot " + id, () -> service.getSnapshot(id)));
  }

  private static boolean underway(Snapshot snapshot) {
    return snapshot.state() == Snapshot.State.CREATING
        || snapshot.state() == Snapshot.State.UNSPECIFIED;
  }

  private static Snapshot ready(Snapshot snapshot) throws SandboxException {
    if (snapshot.state() == Snapshot.State.READY) {
      return snapshot;
    }
    throw new SandboxSnapshotException(
        SandboxSnapshotException.Reason.CREATE_FAILED,
        "Snapshot " + snapshot.id() + " is " + snapshot.state() + ": " + snapshot.stateReason(),
        null);
  }
}
