package io.sandbeam.sandbox;

import io.sandbeam.service.MissingOk;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import java.util.Objects;

/**
 * How to stop a sandbox.
 *
 * @param grace between TERM and KILL; zero kills at once
 * @param snapshotOnStop whether to archive {@code /workspace} first. The snapshot may fail while
 *     the stop goes on: for data that must not be lost, call {@link Sandbox#snapshot()} before
 * @param missingOk whether a sandbox that the service does not know is a success. YES by default: a
 *     handle's sandbox was known once, so it is gone
 */
public record StopOptions(Duration grace, SnapshotOnStop snapshotOnStop, MissingOk missingOk) {

  /** 10 seconds of grace, as in the Sandbox v1 SDKs; no snapshot; missing is fine. */
  public static final StopOptions DEFAULT =
      new StopOptions(Duration.ofSeconds(10), SnapshotOnStop.NO, MissingOk.YES);

  public StopOptions {
    if (grace == null || grace.isNegative()) {
      throw new SandboxValidationException(
          "grace", "Invalid grace " + grace + ": it must be zero or more");
    }
    Objects.requireNonNull(snapshotOnStop, "snapshotOnStop");
    Objects.requireNonNull(missingOk, "missingOk");
  }

  public StopOptions withGrace(Duration period) {
    return new StopOptions(period, snapshotOnStop, missingOk);
  }

  public StopOptions withSnapshotOnStop(SnapshotOnStop snapshot) {
    return new StopOptions(grace, snapshot, missingOk);
  }

  public StopOptions withMissingOk(MissingOk ok) {
    return new StopOptions(grace, snapshotOnStop, ok);
  }
}
