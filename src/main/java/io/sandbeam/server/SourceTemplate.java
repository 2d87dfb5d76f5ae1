package io.sandbeam.server;

import io.sandbeam.service.http.wire.V1;
import java.util.Optional;

/**
 * The template that a sandbox was created from, and its revision at that time: a record, which
 * stays when the template changes or goes.
 */
record SourceTemplate(String id, long revision) {
  /** What a sandbox, as an answer or a record shows it, tells of its template. */
  static Optional<SourceTemplate> of(V1.Sandbox sandbox) {
    return sandbox.sourceTemplateId().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SourceTemplate(sandbox.sourceTemplateId(), sandbox.sourceTemplateRevision()));
  }

  /** The sandbox, telling of this template. */
  V1.Sandbox on(V1.Sandbox sandbox) {
    return new V1.Sandbox(sandbox.sandboxId(), sandbox.spec(), sandbox.status(), id, revision);
  }
}
