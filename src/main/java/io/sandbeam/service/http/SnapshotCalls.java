package io.sandbeam.service.http;

import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SnapshotMapping;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.service.http.wire.V1Status;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** The calls about snapshots. */
final class SnapshotCalls {
  private final Api api;

  SnapshotCalls(Api api) {
    this.api = api;
  }

  CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    ApiCall call =
        api.call(ApiMethod.CREATE_FILE_SYSTEM_SNAPSHOT, request.sandboxId())
            .withBody(
                new V1.CreateFileSystemSnapshotRequest(
                    "", request.requestId().value(), request.volume()));
    return api.ask(
        call,
        Repeating.Safety.REPEATABLE,
        V1Status.FileSystemSnapshot.class,
        wire -> snapshot(call, wire));
  }

  private static Snapshot snapshot(ApiCall call, V1Status.FileSystemSnapshot wire) {
    if (wire.fileSystemSnapshotId().isEmpty()) {
      throw Transport.garbled(call, "it names no snapshot");
    }
    return SnapshotMapping.fromWire(wire, Instant.now());
  }

  CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    ApiCall call = api.call(ApiMethod.GET_FILE_SYSTEM_SNAPSHOT, snapshotId);
    return api.ask(
        call,
        Repeating.Safety.REPEATABLE,
        V1Status.FileSystemSnapshot.class,
        wire -> snapshot(call, wire));
  }

  CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    ApiCall call =
        api.call(ApiMethod.LIST_FILE_SYSTEM_SNAPSHOTS, "")
            .withQuery(
                Query.of(ApiMethod.LIST_FILE_SYSTEM_SNAPSHOTS)
                    .add("pageSize", request.pageSize())
                    .add("pageToken", request.pageToken().orElse(""))
                    .add("sourceSandboxId", request.sourceSandboxId().orElse(""))
                    .build());
    return api.ask(
        call,
        Repeating.Safety.REPEATABLE,
        V1.ListFileSystemSnapshotsResponse.class,
        page ->
            new SnapshotPage(
                page.fileSystemSnapshots().stream()
                    .map(wire -> SnapshotMapping.fromWire(wire, Instant.now()))
                    .toList(),
                Api.next(call, request.pageToken(), page.nextPageToken())));
  }

  CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    boolean ok = missingOk == MissingOk.YES;
    ApiCall call =
        api.call(ApiMethod.DELETE_FILE_SYSTEM_SNAPSHOT, snapshotId)
            .withQuery(
                Query.of(ApiMethod.DELETE_FILE_SYSTEM_SNAPSHOT).add("allowMissing", ok).build());
    CompletableFuture<Snapshot> deleted =
        api.ask(
            call,
            ok ? Repeating.Safety.REPEATABLE : Repeating.Safety.ONCE,
            V1Status.FileSystemSnapshot.class,
            wire ->
                wire.fileSystemSnapshotId().isEmpty()
                    ? null
                    : SnapshotMapping.fromWire(wire, Instant.now()));
    return ok
        ? Api.absent(
            deleted,
            e ->
                e instanceof SandboxSnapshotException snapshot
                    && snapshot.reason() == SandboxSnapshotException.Reason.NOT_FOUND,
            null)
        : deleted;
  }
}
