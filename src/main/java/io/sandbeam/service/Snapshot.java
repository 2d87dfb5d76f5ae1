package io.sandbeam.service;

import java.time.Instant;
import java.util.Optional;

/**
 * An archive of one scratch volume.
 *
 * @param id given by the service
 * @param state whether it can be restored
 * @param stateReason a sentence for people, or empty
 * @param sizeBytes of the archive, 0 while unknown
 * @param sourceSandboxId where it was taken
 * @param sourceVolume which volume
 * @param trigger who asked for it
 * @param createTime when it was asked for
 * @param completeTime when it became READY or FAILED
 */
public record Snapshot(
    String id,
    State state,
    String stateReason,
    long sizeBytes,
    String sourceSandboxId,
    String sourceVolume,
    Trigger trigger,
    Instant createTime,
    Optional<Instant> completeTime) {

  /** Where a snapshot stands. */
  public enum State {
    UNSPECIFIED,
    CREATING,
    /** Can be restored. */
    READY,
    FAILED,
    DELETING
  }

  /** What made it. */
  public enum Trigger {
    UNSPECIFIED,
    /** A call of {@link SandboxService#createSnapshot}. */
    MANUAL,
    /** A delete that asked for it. */
    ON_DELETE
  }
}
