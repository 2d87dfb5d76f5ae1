package io.sandbeam.service.http.wire;

import io.sandbeam.service.Snapshot;
import java.time.Instant;
import java.util.Optional;

/** Snapshots as v1 writes them, and back. */
public final class SnapshotMapping {
  private SnapshotMapping() {}

  public static V1Status.FileSystemSnapshot toWire(Snapshot snapshot) {
    return toWire(snapshot, "");
  }

  /**
   * As the answer to the request that took it.
   *
   * @param requestId as the caller gave it, or empty
   */
  public static V1Status.FileSystemSnapshot toWire(Snapshot snapshot, String requestId) {
    return new V1Status.FileSystemSnapshot(
        snapshot.id(),
        V1Status.SnapshotState.valueOf("SNAPSHOT_STATE_" + snapshot.state().name()),
        snapshot.stateReason(),
        snapshot.sizeBytes(),
        snapshot.sourceSandboxId(),
        V1Status.SnapshotTrigger.valueOf("SNAPSHOT_TRIGGER_" + snapshot.trigger().name()),
        snapshot.createTime(),
        snapshot.completeTime().orElse(null),
        snapshot.completeTime().orElse(snapshot.createTime()),
        snapshot.sourceVolume(),
        "",
        requestId);
  }

  /**
   * Reads what a service answered.
   *
   * @param now stands in for a create time that the service does not tell
   */
  public static Snapshot fromWire(V1Status.FileSystemSnapshot wire, Instant now) {
    return new Snapshot(
        wire.fileSystemSnapshotId(),
        Snapshot.State.valueOf(wire.state().name().substring("SNAPSHOT_STATE_".length())),
        wire.stateReason(),
        wire.sizeBytes(),
        wire.sourceSandboxId(),
        wire.sourceVolumeName(),
        Snapshot.Trigger.valueOf(wire.trigger().name().substring("SNAPSHOT_TRIGGER_".length())),
        Optional.ofNullable(wire.createTime()).orElse(now),
        Optional.ofNullable(wire.completeTime()));
  }
}
