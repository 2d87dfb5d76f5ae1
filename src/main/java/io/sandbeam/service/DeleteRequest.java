package io.sandbeam.service;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which sandbox to end, and how.
 *
 * @param sandboxId which
 * @param grace between TERM and KILL, and for snapshots; zero kills at once
 * @param snapshotVolumes the scratch volumes to archive first
 * @param requestId names the receipt, so that a repeated delete does not take a second snapshot;
 *     used only with {@code snapshotVolumes}
 * @param missingOk whether an absent sandbox is success
 */
public record DeleteRequest(
    String sandboxId,
    Duration grace,
    List<String> snapshotVolumes,
    Optional<RequestId> requestId,
    MissingOk missingOk) {

  public DeleteRequest {
    Checks.notBlank("sandboxId", sandboxId);
    if (grace.isNegative()) {
      throw new SandboxValidationException("grace", "Invalid grace " + grace + ": it is negative");
    }
    snapshotVolumes = List.copyOf(snapshotVolumes);
  }

  /** End it now, and fail when it is not there. */
  public static DeleteRequest of(String sandboxId) {
    return new DeleteRequest(sandboxId, Duration.ZERO, List.of(), Optional.empty(), MissingOk.NO);
  }

  public DeleteRequest withGrace(Duration period) {
    return new DeleteRequest(sandboxId, period, snapshotVolumes, requestId, missingOk);
  }

  public DeleteRequest withSnapshotOf(List<String> volumes, RequestId receipt) {
    return new DeleteRequest(sandboxId, grace, volumes, Optional.of(receipt), missingOk);
  }

  public DeleteRequest withMissingOk(MissingOk ok) {
    return new DeleteRequest(sandboxId, grace, snapshotVolumes, requestId, ok);
  }
}
