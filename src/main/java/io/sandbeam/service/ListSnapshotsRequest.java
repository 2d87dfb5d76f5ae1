package io.sandbeam.service;

import java.util.Optional;

/**
 * Which snapshots to list, and which page of them.
 *
 * @param sourceSandboxId only those of one sandbox
 * @param pageSize the most entries of one page; 0 leaves it to the service
 * @param pageToken where the page starts: what the page before gave
 */
public record ListSnapshotsRequest(
    Optional<String> sourceSandboxId, int pageSize, Optional<String> pageToken) {
  public ListSnapshotsRequest {
    Checks.atLeast("pageSize", 0, pageSize);
  }

  /** The first page of all. */
  public static ListSnapshotsRequest all() {
    return new ListSnapshotsRequest(Optional.empty(), 0, Optional.empty());
  }

  /** The first page of those of one sandbox. */
  public static ListSnapshotsRequest of(String sandboxId) {
    return new ListSnapshotsRequest(Optional.of(sandboxId), 0, Optional.empty());
  }

  public ListSnapshotsRequest withPageSize(int size) {
    return new ListSnapshotsRequest(sourceSandboxId, size, pageToken);
  }

  public ListSnapshotsRequest withPageToken(String token) {
    return new ListSnapshotsRequest(sourceSandboxId, pageSize, Optional.of(token));
  }
}
