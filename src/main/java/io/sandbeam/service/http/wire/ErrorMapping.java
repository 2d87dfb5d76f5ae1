package io.sandbeam.service.http.wire;

import static io.sandbeam.service.http.wire.Reason.BACKEND_UNAVAILABLE;
import static io.sandbeam.service.http.wire.Reason.COMMAND_TIMEOUT;
import static io.sandbeam.service.http.wire.Reason.JOB_SEALED;
import static io.sandbeam.service.http.wire.Reason.NOT_IMPLEMENTED;
import static io.sandbeam.service.http.wire.Reason.SANDBOX_NOT_FOUND;
import static io.sandbeam.service.http.wire.Reason.SANDBOX_NOT_RUNNING;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import java.util.Map;
import java.util.TreeMap;

/** Failures of the contract as a server tells them; {@link ErrorReading} is the way back. */
public final class ErrorMapping {
  static final String STATE = "state";
  static final String EFFECT = "effect";
  static final String FILEPATH = "filepath";

  private ErrorMapping() {}

  /**
   * Tells a failure. What is no {@link SandboxException} is a mistake of ours and tells nothing:
   * log it, with an id of the request.
   */
  public static RpcStatus toStatus(Throwable failure) {
    if (failure instanceof SandboxValidationException e) {
      return status(RpcStatus.Code.INVALID_ARGUMENT, e).withViolations(e.violations());
    } else if (failure instanceof SandboxNotFoundException e) {
      return status(RpcStatus.Code.NOT_FOUND, e).because(SANDBOX_NOT_FOUND, Map.of());
    } else if (failure instanceof SandboxAlreadyExistsException e) {
      return status(RpcStatus.Code.ALREADY_EXISTS, e);
    } else if (failure instanceof SandboxSealedException e) {
      return status(RpcStatus.Code.FAILED_PRECONDITION, e).because(JOB_SEALED, Map.of());
    } else if (failure instanceof SandboxNotRunningException e) {
      return status(RpcStatus.Code.FAILED_PRECONDITION, e)
          .because(SANDBOX_NOT_RUNNING, Map.of(STATE, SandboxMapping.toWire(e.state()).name()));
    } else if (failure instanceof SandboxFileException e) {
      return file(e);
    } else if (failure instanceof SandboxSnapshotException e) {
      return snapshot(e);
    } else if (failure instanceof SandboxAuthenticationException e) {
      return status(RpcStatus.Code.UNAUTHENTICATED, e);
    } else if (failure instanceof SandboxResourceExhaustedException e) {
      return status(RpcStatus.Code.RESOURCE_EXHAUSTED, e).withRetryDelay(e.retryAfter());
    } else if (failure instanceof SandboxTimeoutException e) {
      return status(RpcStatus.Code.DEADLINE_EXCEEDED, e);
    } else if (failure instanceof SandboxUnsupportedException e) {
      return status(RpcStatus.Code.UNIMPLEMENTED, e).because(NOT_IMPLEMENTED, Map.of());
    } else if (failure instanceof SandboxUnavailableException e) {
      return status(RpcStatus.Code.UNAVAILABLE, e)
          .because(BACKEND_UNAVAILABLE, Map.of(EFFECT, e.effect().name()))
          .withRetryDelay(e.retryAfter());
    } else if (failure instanceof CommandTimeoutException e) {
      return status(RpcStatus.Code.DEADLINE_EXCEEDED, e).because(COMMAND_TIMEOUT, Map.of());
    } else if (failure instanceof SandboxException e) {
      RpcStatus.Code code =
          e.effect() == Effect.NONE ? RpcStatus.Code.FAILED_PRECONDITION : RpcStatus.Code.INTERNAL;
      return status(code, e);
    }
    return RpcStatus.of(RpcStatus.Code.INTERNAL, "internal error");
  }

  private static RpcStatus status(RpcStatus.Code code, SandboxException e) {
    return RpcStatus.of(code, String.valueOf(e.getMessage()));
  }

  private static RpcStatus file(SandboxFileException e) {
    RpcStatus.Code code =
        switch (e.reason()) {
          case NOT_FOUND -> RpcStatus.Code.NOT_FOUND;
          case IS_DIRECTORY -> RpcStatus.Code.FAILED_PRECONDITION;
          case PERMISSION_DENIED -> RpcStatus.Code.PERMISSION_DENIED;
          case TOO_LARGE -> RpcStatus.Code.OUT_OF_RANGE;
          case IO_FAILED -> RpcStatus.Code.INTERNAL;
        };
    Map<String, String> metadata = new TreeMap<>(Map.of(FILEPATH, e.path()));
    if (e.reason() == SandboxFileException.Reason.TOO_LARGE) {
      metadata.put("max_size_bytes", Integer.toString(SandboxService.MAX_FILE_BYTES));
    }
    return status(code, e).because(Reason.valueOf("FILE_" + e.reason().name()), metadata);
  }

  private static RpcStatus snapshot(SandboxSnapshotException e) {
    return switch (e.reason()) {
      case NOT_FOUND -> snapshot(e, RpcStatus.Code.NOT_FOUND, Reason.FSS_NOT_FOUND);
      case NOT_READY -> snapshot(e, RpcStatus.Code.FAILED_PRECONDITION, Reason.FSS_NOT_READY);
      case NOT_SUPPORTED -> snapshot(e, RpcStatus.Code.UNIMPLEMENTED, Reason.FSS_NOT_SUPPORTED);
      case SIZE_EXCEEDED ->
          snapshot(e, RpcStatus.Code.FAILED_PRECONDITION, Reason.FSS_SIZE_EXCEEDED);
      case QUOTA_EXCEEDED ->
          snapshot(e, RpcStatus.Code.RESOURCE_EXHAUSTED, Reason.FSS_QUOTA_EXCEEDED);
      case RESTORE_FAILED -> snapshot(e, RpcStatus.Code.INTERNAL, Reason.FSS_RESTORE_FAILED);
      case CREATE_FAILED -> snapshot(e, RpcStatus.Code.INTERNAL, Reason.FSS_CREATE_FAILED);
      case THROTTLED -> snapshot(e, RpcStatus.Code.UNAVAILABLE, Reason.FSS_BACKEND_THROTTLED);
    };
  }

  private static RpcStatus snapshot(
      SandboxSnapshotException e, RpcStatus.Code code, Reason reason) {
    return status(code, e).because(reason, Map.of()).withRetryDelay(e.retryAfter());
  }
}
