package io.sandbeam.server;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.http.wire.SandboxMapping;
import io.sandbeam.service.http.wire.V1;

/**
 * Sandboxes as answers show them: without the server's own tags, and with the template that the
 * ledger knows they came from. Thread-safe.
 */
final class Shown {
  private final Ledger ledger;

  Shown(Ledger ledger) {
    this.ledger = ledger;
  }

  V1.Sandbox whole(SandboxInfo info) {
    V1.Sandbox sandbox = SandboxMapping.toWire(OwnerTag.strip(info));
    return ledger
        .get(info.id())
        .flatMap(entry -> entry.origin().template())
        .map(template -> template.on(sandbox))
        .orElse(sandbox);
  }

  /** For lists: without the contents of files, which may be a thousand times the rest. */
  V1.Sandbox brief(SandboxInfo info) {
    SandboxSpec spec = info.spec();
    if (spec.files().isEmpty()) {
      return whole(info);
    }
    SandboxSpec.Builder brief = spec.toBuilder();
    spec.files().keySet().forEach(path -> brief.file(path, new byte[0]));
    return whole(info.withSpec(brief.build()));
  }
}
