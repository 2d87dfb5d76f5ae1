package io.sandbeam.service;

import java.util.Objects;

/**
 * Which volume of which sandbox to archive.
 *
 * @param sandboxId a running sandbox
 * @param volume the scratch volume's name
 * @param requestId so that asking again takes no second snapshot
 */
public record SnapshotRequest(String sandboxId, String volume, RequestId requestId) {
  public SnapshotRequest {
    Checks.notBlank("sandboxId", sandboxId);
    Checks.notBlank("volume", volume);
    Objects.requireNonNull(requestId, "requestId");
  }

  /** The one scratch volume every sandbox has. */
  public static SnapshotRequest of(String sandboxId) {
    return new SnapshotRequest(sandboxId, SandboxSpec.SCRATCH_VOLUME, RequestId.mint());
  }
}
