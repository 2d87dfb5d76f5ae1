package io.sandbeam.service.http.wire;

import java.time.Instant;
import java.util.List;

/** What is observed of sandboxes and snapshots, with every published field; all output only. */
public final class V1Status {
  private V1Status() {}

  /** {@code exitCode} is null until one was observed; times are null until they happened. */
  public record SandboxStatus(
      State state,
      String stateReason,
      Instant createTime,
      Instant startTime,
      Instant endTime,
      List<V1Network.ServiceStatus> services,
      ResourceUsage resourceUsage,
      Integer exitCode,
      V1Spec.Resources effectiveResources,
      V1Spec.ResourceRequirements effectiveResourceRequirements,
      int effectiveMaxLifetimeSeconds,
      List<ContainerStatus> containerStatuses,
      String runnerId,
      String runnerGroupId,
      List<V1Network.IngressRule> effectiveIngress,
      List<V1Network.EgressRule> effectiveEgress,
      List<String> attachedVolumeIds,
      String effectiveRuntimeClass) {}

  public record ResourceUsage(long cpuMillicores, long memoryMb, long gpuCount) {}

  public record ContainerStatus(String name, State state, int exitCode, int restartCount) {}

  public record FileSystemSnapshot(
      String fileSystemSnapshotId,
      SnapshotState state,
      String stateReason,
      long sizeBytes,
      String sourceSandboxId,
      SnapshotTrigger trigger,
      Instant createTime,
      Instant completeTime,
      Instant updatedAt,
      String sourceVolumeName,
      String objectBucket,
      String requestId) {}

  /** In the order of their published numbers. */
  public enum State {
    STATE_UNSPECIFIED,
    STATE_CREATING,
    STATE_RUNNING,
    STATE_COMPLETED,
    STATE_FAILED,
    STATE_TERMINATING,
    STATE_TERMINATED,
    STATE_PENDING,
    STATE_PAUSED
  }

  public enum SnapshotState {
    SNAPSHOT_STATE_UNSPECIFIED,
    SNAPSHOT_STATE_CREATING,
    SNAPSHOT_STATE_READY,
    SNAPSHOT_STATE_FAILED,
    SNAPSHOT_STATE_DELETING
  }

  public enum SnapshotTrigger {
    SNAPSHOT_TRIGGER_UNSPECIFIED,
    SNAPSHOT_TRIGGER_MANUAL,
    SNAPSHOT_TRIGGER_ON_DELETE
  }
}
