package io.sandbeam.service.http.wire;

import java.util.Arrays;
import java.util.Optional;

/** The reasons of errors that mean more to us than their code: the published ones, and ours. */
public enum Reason {
  SANDBOX_NOT_FOUND,
  SANDBOX_NOT_RUNNING,
  COMMAND_TIMEOUT,
  FILE_NOT_FOUND,
  FILE_IS_DIRECTORY,
  FILE_PERMISSION_DENIED,
  FILE_IO_FAILED,
  FILE_TOO_LARGE,
  BACKEND_UNAVAILABLE,
  RUNNER_UNAVAILABLE,
  RUNNER_CAPACITY_EXHAUSTED,
  RUNNER_OVERLOADED,
  RESOURCE_CEILING_EXCEEDED,
  INVALID_REQUEST,
  FSS_NOT_FOUND,
  FSS_NOT_READY,
  FSS_NOT_SUPPORTED,
  FSS_SIZE_EXCEEDED,
  FSS_QUOTA_EXCEEDED,
  FSS_RESTORE_FAILED,
  FSS_CREATE_FAILED,
  FSS_BACKEND_THROTTLED,
  FSS_INFLIGHT_LIMIT,
  FSS_BUCKET_PROVISIONING,
  FSS_BUCKET_MISMATCH,
  FSS_BUCKET_UNAVAILABLE,
  FSS_CREATE_TIMED_OUT,
  FSS_AUTH_FAILED,
  FSS_TRANSPORT_FAILED,
  FSS_CANCELED,
  VOLUME_NOT_SNAPSHOTTABLE,
  NOT_IMPLEMENTED,

  /** A Sandbeam server's own: the job is over; see {@link SealHeaders}. */
  JOB_SEALED("SANDBEAM_");

  private final String prefix;

  Reason() {
    this("CWSANDBOX_");
  }

  Reason(String prefix) {
    this.prefix = prefix;
  }

  /** As it is on the wire. */
  public String text() {
    return prefix + name();
  }

  /** Empty for a reason we do not know: then the code decides. */
  public static Optional<Reason> of(String text) {
    return Arrays.stream(values()).filter(reason -> reason.text().equals(text)).findFirst();
  }
}
