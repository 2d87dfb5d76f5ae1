package io.sandbeam.service.leased;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import java.util.concurrent.CompletionException;

/**
 * What calls of a service fail with. Immutable.
 *
 * @param service its name, for messages
 */
public record CallFailures(String service) {

  /** What a call ends with: a failure that is no {@link SandboxException} yet becomes one. */
  public SandboxException of(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof SandboxException known
        ? known
        : new SandboxUnavailableException(
            "The " + service + " service failed: " + cause, cause, Effect.UNKNOWN, null);
  }

  /** The service is closed, and takes no calls. */
  SandboxException closed(Throwable cause) {
    return new SandboxException("The " + service + " service is closed: open another", cause);
  }
}
