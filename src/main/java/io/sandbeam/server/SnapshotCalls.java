package io.sandbeam.server;

import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SnapshotMapping;
import io.sandbeam.service.http.wire.V1;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The calls about file system snapshots. Thread-safe. */
final class SnapshotCalls {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;

  private final SandboxService service;
  private final Ledger ledger;
  private final Reach reach;
  private final OwnSnapshots own;

  SnapshotCalls(SandboxService service, Ledger ledger, Reach reach) {
    this.service = service;
    this.ledger = ledger;
    this.reach = reach;
    this.own = new OwnSnapshots(service, ledger);
  }

  CompletableFuture<ApiAnswer> create(ApiRequest request) {
    V1.CreateFileSystemSnapshotRequest body =
        request.body(V1.CreateFileSystemSnapshotRequest.class);
    request.requireSameId(body.sandboxId());
    if (!body.scratchVolumeName().isEmpty()) {
      SandboxCalls.requireScratchVolume("scratchVolumeName", body.scratchVolumeName());
    }
    RequestId requestId =
        body.requestId().isEmpty()
            ? RequestId.mint()
            : new RequestId(
                Fingerprint.scoped(request.caller(), new RequestId(body.requestId()).value()));
    return reach
        .sandbox(request.caller(), request.id())
        .thenCompose(
            reachable ->
                Fingerprint.named(
                    body.requestId(),
                    service.createSnapshot(
                        new SnapshotRequest(request.id(), SandboxSpec.SCRATCH_VOLUME, requestId))))
        .thenApply(
            snapshot -> {
              String owner =
                  ledger.get(request.id()).map(LedgerEntry::owner).orElse(request.caller().name());
              ledger.snapshotTaken(snapshot.id(), owner);
              return ApiAnswer.of(SnapshotMapping.toWire(snapshot, body.requestId()));
            });
  }

  CompletableFuture<ApiAnswer> get(ApiRequest request) {
    String id = Reach.requireId("fileSystemSnapshotId", request.id());
    reach.snapshot(request.caller(), id);
    return service.getSnapshot(id).thenApply(SnapshotCalls::answer);
  }

  CompletableFuture<ApiAnswer> list(ApiRequest request) {
    Query query = request.query();
    int size = query.int32("pageSize");
    if (size < 0) {
      throw new SandboxValidationException(
          "pageSize", "Invalid pageSize " + size + ": it is negative");
    }
    String source = query.string("sourceSandboxId");
    String token = query.string("pageToken");
    ListSnapshotsRequest asked =
        new ListSnapshotsRequest(
            source.isEmpty()
                ? Optional.empty()
                : Optional.of(Reach.requireId("sourceSandboxId", source)),
            size == 0 ? DEFAULT_PAGE : Math.min(size, LARGEST_PAGE),
            token.isEmpty() ? Optional.empty() : Optional.of(token));
    CompletableFuture<SnapshotPage> page =
        request.caller().isAdmin()
            ? service.listSnapshots(asked)
            : own.page(request.caller(), asked);
    return page.thenApply(
        found ->
            ApiAnswer.of(
                new V1.ListFileSystemSnapshotsResponse(
                    found.snapshots().stream().map(SnapshotMapping::toWire).toList(),
                    found.nextPageToken().orElse(""))));
  }

  CompletableFuture<ApiAnswer> delete(ApiRequest request) {
    String id = Reach.requireId("fileSystemSnapshotId", request.id());
    boolean missingOk = request.query().bool("allowMissing");
    try {
      reach.snapshot(request.caller(), id);
    } catch (SandboxSnapshotException e) {
      return missingOk
          ? CompletableFuture.completedFuture(empty())
          : CompletableFuture.failedFuture(e);
    }
    return service
        .deleteSnapshot(id, missingOk ? MissingOk.YES : MissingOk.NO)
        .thenApply(
            snapshot -> {
              ledger.snapshotGone(id);
              return snapshot == null ? empty() : answer(snapshot);
            });
  }

  private static ApiAnswer answer(Snapshot snapshot) {
    return ApiAnswer.of(SnapshotMapping.toWire(snapshot));
  }

  /** {@code {}}: nothing was there, and that was fine. */
  private static ApiAnswer empty() {
    return ApiAnswer.of(new V1.WriteFileResponse());
  }
}
