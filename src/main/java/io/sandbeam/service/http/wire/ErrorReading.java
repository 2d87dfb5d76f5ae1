package io.sandbeam.service.http.wire;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a server's error means to a caller. The reason beats the code; a code without a reason means
 * what it says. An error that leaves open whether the call was carried out has {@link
 * Effect#UNKNOWN}.
 *
 * @param method the call that failed
 * @param id of the sandbox or snapshot it named, or empty
 * @param path of the file it named, or empty
 */
public record ErrorReading(ApiMethod method, String id, String path) {

  /** As the other, of an error that came with the HTTP status of its code. */
  public SandboxException toException(RpcStatus status) {
    return toException(status, status.code().httpStatus());
  }

  /** The failure that the caller is told. */
  public SandboxException toException(RpcStatus status, int httpStatus) {
    Optional<Reason> reason = Reason.of(status.reason());
    if (reason.isPresent()) {
      return byReason(reason.get(), status);
    }
    boolean perhapsRan = method == ApiMethod.EXEC && !QuotaAnswer.is(status, httpStatus);
    return status.code() == RpcStatus.Code.RESOURCE_EXHAUSTED && perhapsRan
        ? unavailable(status)
        : byCode(status);
  }

  private SandboxException byReason(Reason reason, RpcStatus status) {
    return switch (reason) {
      case SANDBOX_NOT_FOUND -> notFound(status);
      case SANDBOX_NOT_RUNNING -> notRunning(status);
      case COMMAND_TIMEOUT -> new CommandTimeoutException(say(status));
      case FILE_NOT_FOUND -> file(SandboxFileException.Reason.NOT_FOUND, status);
      case FILE_IS_DIRECTORY -> file(SandboxFileException.Reason.IS_DIRECTORY, status);
      case FILE_PERMISSION_DENIED -> file(SandboxFileException.Reason.PERMISSION_DENIED, status);
      case FILE_IO_FAILED -> file(SandboxFileException.Reason.IO_FAILED, status);
      case FILE_TOO_LARGE -> file(SandboxFileException.Reason.TOO_LARGE, status);
      case BACKEND_UNAVAILABLE, RUNNER_UNAVAILABLE -> unavailable(status);
      case RUNNER_CAPACITY_EXHAUSTED, RUNNER_OVERLOADED -> exhausted(status);
      case RESOURCE_CEILING_EXCEEDED, INVALID_REQUEST, VOLUME_NOT_SNAPSHOTTABLE -> invalid(status);
      case FSS_NOT_FOUND -> snapshot(SandboxSnapshotException.Reason.NOT_FOUND, status);
      case FSS_NOT_READY -> snapshot(SandboxSnapshotException.Reason.NOT_READY, status);
      case FSS_NOT_SUPPORTED -> snapshot(SandboxSnapshotException.Reason.NOT_SUPPORTED, status);
      case FSS_SIZE_EXCEEDED -> snapshot(SandboxSnapshotException.Reason.SIZE_EXCEEDED, status);
      case FSS_QUOTA_EXCEEDED -> snapshot(SandboxSnapshotException.Reason.QUOTA_EXCEEDED, status);
      case FSS_RESTORE_FAILED -> snapshot(SandboxSnapshotException.Reason.RESTORE_FAILED, status);
      case FSS_BACKEND_THROTTLED, FSS_INFLIGHT_LIMIT, FSS_BUCKET_PROVISIONING ->
          snapshot(SandboxSnapshotException.Reason.THROTTLED, status);
      case FSS_CREATE_FAILED,
          FSS_BUCKET_MISMATCH,
          FSS_BUCKET_UNAVAILABLE,
          FSS_CREATE_TIMED_OUT,
          FSS_AUTH_FAILED,
          FSS_TRANSPORT_FAILED,
          FSS_CANCELED ->
          snapshot(SandboxSnapshotException.Reason.CREATE_FAILED, status);
      case NOT_IMPLEMENTED -> new SandboxUnsupportedException(say(status));
      case JOB_SEALED -> new SandboxSealedException(say(status), null);
    };
  }

  private SandboxException byCode(RpcStatus status) {
    return switch (status.code()) {
      case UNAUTHENTICATED, PERMISSION_DENIED ->
          new SandboxAuthenticationException(say(status), null);
      case NOT_FOUND ->
          isAboutSnapshots()
              ? snapshot(SandboxSnapshotException.Reason.NOT_FOUND, status)
              : notFound(status);
      case ALREADY_EXISTS -> new SandboxAlreadyExistsException(say(status), null);
      case INVALID_ARGUMENT, OUT_OF_RANGE -> invalid(status);
      case RESOURCE_EXHAUSTED -> exhausted(status);
      case DEADLINE_EXCEEDED -> new SandboxTimeoutException(say(status), null);
      case UNIMPLEMENTED -> new SandboxUnsupportedException(say(status));
      case CANCELLED -> notRunning(status);
      case FAILED_PRECONDITION -> new SandboxException(say(status));
      case OK, UNKNOWN, INTERNAL, DATA_LOSS, ABORTED, UNAVAILABLE -> unavailable(status);
    };
  }

  private boolean isAboutSnapshots() {
    return method.idName().equals(ApiMethod.GET_FILE_SYSTEM_SNAPSHOT.idName());
  }

  /** Where there is no sandbox yet that could be gone, it is the template: a wrong setting. */
  private SandboxException notFound(RpcStatus status) {
    return method == ApiMethod.CREATE_SANDBOX_FROM_TEMPLATE
        ? new SandboxValidationException("templateId", say(status))
        : new SandboxNotFoundException(say(status), null);
  }

  private SandboxException invalid(RpcStatus status) {
    return new SandboxValidationException(say(status), status.violations());
  }

  private SandboxException exhausted(RpcStatus status) {
    return new SandboxResourceExhaustedException(say(status), null, hint(status));
  }

  /** A server of ours says when nothing was done; of another one nobody knows. */
  private SandboxException unavailable(RpcStatus status) {
    Effect effect =
        Effect.NONE.name().equals(status.metadata().get(ErrorMapping.EFFECT))
            ? Effect.NONE
            : Effect.UNKNOWN;
    return new SandboxUnavailableException(say(status), null, effect, hint(status));
  }

  private SandboxException notRunning(RpcStatus status) {
    String text = status.metadata().getOrDefault(ErrorMapping.STATE, "");
    V1Status.State state =
        (V1Status.State) Scalars.enumValue(V1Status.State.class, text, MessageReader.Mode.TOLERANT);
    SandboxState known = SandboxMapping.fromWire(state);
    return new SandboxNotRunningException(id, known, after("is not running but " + known, status));
  }

  private SandboxException file(SandboxFileException.Reason reason, RpcStatus status) {
    String named = status.metadata().getOrDefault(ErrorMapping.FILEPATH, path);
    return new SandboxFileException(reason, named, after("in the sandbox: ", status));
  }

  private SandboxException snapshot(SandboxSnapshotException.Reason reason, RpcStatus status) {
    return new SandboxSnapshotException(reason, say(status), null, hint(status));
  }

  private static Duration hint(RpcStatus status) {
    return status.retryDelay().orElse(null);
  }

  /**
   * What the message adds to words that our own exception says itself, when a server of ours wrote
   * both.
   */
  private static String after(String words, RpcStatus status) {
    int at = status.message().indexOf(words);
    String rest = at < 0 ? status.message() : status.message().substring(at + words.length());
    return rest.startsWith(": ") ? rest.substring(2) : rest;
  }

  /** Who said what about which thing. */
  private String say(RpcStatus status) {
    boolean named = id.isEmpty() || status.message().contains(id);
    return method.rpc() + (named ? "" : " of " + id) + ": " + status.message();
  }
}
