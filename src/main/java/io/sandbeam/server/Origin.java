package io.sandbeam.server;

import java.util.Optional;

/**
 * Where a sandbox came from.
 *
 * @param owner the name of the caller that created it; empty when it was not created here
 * @param requestKey the caller and the request id of its create, if it had one
 * @param fingerprint of what came with that request id; empty without one
 * @param template what it was created from, if from one
 */
record Origin(
    String owner,
    Optional<String> requestKey,
    String fingerprint,
    Optional<SourceTemplate> template) {

  /** All that is known of what was not created here, or without a request id. */
  static Origin of(String owner) {
    return new Origin(owner, Optional.empty(), "", Optional.empty());
  }

  /** Whose request id shall not mean the sandbox. */
  Origin withoutRequest() {
    return new Origin(owner, Optional.empty(), "", template);
  }
}
