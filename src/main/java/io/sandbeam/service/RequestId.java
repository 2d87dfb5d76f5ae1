package io.sandbeam.service;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The name of one request, minted before the call, so that asking again can never do the work
 * twice. 1 to 128 UTF-8 bytes.
 */
public record RequestId(String value) implements Serializable {
  private static final int MAX_BYTES = 128;

  public RequestId {
    if (value == null
        || value.isBlank()
        || value.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new SandboxValidationException(
          "requestId", "Invalid request id " + Quoted.of(value) + ": it has 1 to 128 UTF-8 bytes");
    }
  }

  /** A new, unique id. */
  public static RequestId mint() {
    return new RequestId(UUID.randomUUID().toString());
  }

  @Override
  public String toString() {
    return value;
  }
}
