package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.http.wire.ErrorMapping;
import io.sandbeam.service.http.wire.RpcStatus;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong, as the API tells it. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /** A refusal that is already in the API's words. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient RpcStatus status;
    private final int httpStatus;

    Refusal(RpcStatus status) {
      this(status, status.code().httpStatus());
    }

    /** With an HTTP status that says more than the code's own. */
    Refusal(RpcStatus status, int httpStatus) {
      super(status.message());
      this.status = status;
      this.httpStatus = httpStatus;
    }
  }

  /** A status and the HTTP status it goes with. */
  record Told(RpcStatus status, int httpStatus) {}

  /** A failure nobody foresaw tells its caller only where to look: the log has all of it. */
  static Told tell(Throwable failure) {
    Throwable cause = Futures.cause(failure);
    if (cause instanceof Refusal refusal) {
      return new Told(refusal.status, refusal.httpStatus);
    }
    RpcStatus status;
    if (cause instanceof SandboxException) {
      status = ErrorMapping.toStatus(cause);
    } else {
      String incident = UUID.randomUUID().toString();
      LOG.error("Incident {}", incident, cause);
      status =
          RpcStatus.of(
              RpcStatus.Code.INTERNAL, "Internal error; the server's log names it " + incident);
    }
    return new Told(status, status.code().httpStatus());
  }
}
