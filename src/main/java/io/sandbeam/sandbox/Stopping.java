package io.sandbeam.sandbox;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.Effect;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** One try to end one existing sandbox: delete, then watch until it is terminal or unknown. */
final class Stopping {

  /** The time a service has for a kill, beyond the grace period, before we call it stuck. */
  static final Duration STUCK_AFTER = Duration.ofSeconds(60);

  /** The time a service has for a snapshot, beyond the grace period; as in the Sandbox v1 SDKs. */
  static final Duration SNAPSHOT_BUDGET = Duration.ofMinutes(10);

  private final SandboxService service;
  private final Timing timing;
  private final Poller poller;
  private final String id;
  private final StopOptions options;
  private final RequestId receipt;
  private final AtomicBoolean maybeDeleted = new AtomicBoolean();

  /**
   * @param receipt names the snapshot, so that a stop that is tried again takes no second one
   */
  Stopping(
      SandboxService service,
      Timing timing,
      Poller poller,
      String id,
      StopOptions options,
      RequestId receipt) {
    this.service = service;
    this.timing = timing;
    this.poller = poller;
    this.id = id;
    this.options = options;
    this.receipt = receipt;
  }

  /**
   * Completes when the sandbox is gone. A failure may be tried again with a new instance; it is a
   * {@link SandboxNotFoundException} only when missing is not ok, and then it is gone, too.
   */
  CompletableFuture<StopResult> run() {
    Duration limit = options.grace().plus(withSnapshot() ? SNAPSHOT_BUDGET : STUCK_AFTER);
    CompletableFuture<DeleteResult> delete =
        new Retry(timing)
            .run(RetryPolicy.CALLS.withCallLimit(limit), "delete sandbox " + id, this::delete);
    return Watch.then(
        delete,
        (result, failure) ->
            failure == null ? accepted(result, limit) : refused(Failures.of(failure)));
  }

  private boolean withSnapshot() {
    return options.snapshotOnStop() == SnapshotOnStop.YES;
  }

  private CompletableFuture<DeleteResult> delete() {
    DeleteRequest request = DeleteRequest.of(id).withGrace(options.grace());
    // A service may refuse "missing is fine" together with a snapshot; then its 404 says the same.
    request =
        withSnapshot()
            ? request.withSnapshotOf(List.of(SandboxSpec.SCRATCH_VOLUME), receipt)
            : request.withMissingOk(options.missingOk());
    return service
        .delete(request)
        .whenComplete(
            (result, failure) -> {
              if (failure != null && Failures.of(failure).effect() == Effect.UNKNOWN) {
                maybeDeleted.set(true);
              }
            });
  }

  private CompletableFuture<StopResult> accepted(DeleteResult result, Duration limit) {
    if (result.sandbox().isEmpty()) {
      return gone(result.snapshotIds());
    }
    SandboxInfo info = result.sandbox().get();
    if (info.isTerminal()) {
      // A service that ends a sandbox at once reports it TERMINATED; one that answers with another
      // end at once has found it ended.
      boolean ours = info.state() == SandboxState.TERMINATED || maybeDeleted.get();
      StopOutcome outcome = ours ? StopOutcome.STOPPED : StopOutcome.ALREADY_ENDED;
      return done(Optional.of(info), result.snapshotIds(), outcome);
    }
    return Watch.then(
        poller.await(SandboxInfo::isTerminal, limit, stuck(limit)),
        (end, failure) ->
            failure == null || failure instanceof SandboxNotFoundException
                ? done(Optional.ofNullable(end), result.snapshotIds(), StopOutcome.STOPPED)
                : CompletableFuture.failedFuture(Failures.of(failure)));
  }

  private CompletableFuture<StopResult> refused(SandboxException why) {
    boolean missing = why instanceof SandboxNotFoundException;
    return missing && (options.missingOk() == MissingOk.YES || maybeDeleted.get())
        ? gone(List.of())
        : CompletableFuture.failedFuture(why);
  }

  private CompletableFuture<StopResult> gone(List<String> snapshots) {
    return done(
        Optional.empty(),
        snapshots,
        maybeDeleted.get() ? StopOutcome.STOPPED : StopOutcome.ALREADY_GONE);
  }

  private static CompletableFuture<StopResult> done(
      Optional<SandboxInfo> info, List<String> snapshots, StopOutcome outcome) {
    return CompletableFuture.completedFuture(new StopResult(info, snapshots, outcome));
  }

  private String stuck(Duration limit) {
    return "Sandbox "
        + id
        + " is stuck: its delete was accepted "
        + Retry.seconds(limit)
        + " ago, and it has not ended; stop it again, or type: scripts/sandbeam delete "
        + id;
  }
}
