package io.sandbeam.service.http.wire;

import io.sandbeam.service.SandboxValidationException.Violation;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An error as {@code google.rpc.Status} tells it; {@link RpcStatusJson} writes and reads it.
 *
 * @param code what kind
 * @param message for people
 * @param reason such as {@code CWSANDBOX_SANDBOX_NOT_FOUND}, or empty; beats the code
 * @param metadata of the reason
 * @param retryDelay the hint, if there is one
 * @param violations what was wrong with the request
 */
public record RpcStatus(
    Code code,
    String message,
    String reason,
    Map<String, String> metadata,
    Optional<Duration> retryDelay,
    List<Violation> violations) {

  /** The domain of all our reasons. */
  public static final String DOMAIN = "cwsandbox.com";

  /** The codes of gRPC, each with its number and its HTTP status. */
  public enum Code {
    OK(0, 200),
    CANCELLED(1, 499),
    UNKNOWN(2, 500),
    INVALID_ARGUMENT(3, 400),
    DEADLINE_EXCEEDED(4, 504),
    NOT_FOUND(5, 404),
    ALREADY_EXISTS(6, 409),
    PERMISSION_DENIED(7, 403),
    RESOURCE_EXHAUSTED(8, 429),
    FAILED_PRECONDITION(9, 400),
    ABORTED(10, 409),
    OUT_OF_RANGE(11, 400),
    UNIMPLEMENTED(12, 501),
    INTERNAL(13, 500),
    UNAVAILABLE(14, 503),
    DATA_LOSS(15, 500),
    UNAUTHENTICATED(16, 401);

    private final int number;
    private final int httpStatus;

    Code(int number, int httpStatus) {
      this.number = number;
      this.httpStatus = httpStatus;
    }

    /** The number of gRPC. */
    public int number() {
      return number;
    }

    /** By the convention of google.rpc. */
    public int httpStatus() {
      return httpStatus;
    }

    /** What an HTTP status means whose body says nothing. */
    public static Code ofHttpStatus(int status) {
      return switch (status) {
        case 400 -> INVALID_ARGUMENT;
        case 401 -> UNAUTHENTICATED;
        case 403 -> PERMISSION_DENIED;
        case 404 -> NOT_FOUND;
        case 408, 504 -> DEADLINE_EXCEEDED;
        case 409 -> ABORTED;
        case 413, 416 -> OUT_OF_RANGE;
        case 429 -> RESOURCE_EXHAUSTED;
        case 499 -> CANCELLED;
        case 501 -> UNIMPLEMENTED;
        case 502, 503 -> UNAVAILABLE;
        default -> status >= 400 && status < 500 ? INVALID_ARGUMENT : UNKNOWN;
      };
    }
  }

  public RpcStatus {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    violations = List.copyOf(violations);
  }

  public static RpcStatus of(Code code, String message) {
    return new RpcStatus(code, message, "", Map.of(), Optional.empty(), List.of());
  }

  /** With a reason and what belongs to it. */
  public RpcStatus because(Reason why, Map<String, String> details) {
    return new RpcStatus(code, message, why.text(), details, retryDelay, violations);
  }

  public RpcStatus withRetryDelay(Optional<Duration> delay) {
    return new RpcStatus(code, message, reason, metadata, delay, violations);
  }

  public RpcStatus withViolations(List<Violation> wrong) {
    return new RpcStatus(code, message, reason, metadata, retryDelay, wrong);
  }
}
