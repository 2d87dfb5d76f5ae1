package io.sandbeam.server;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.http.wire.SandboxMapping;
import io.sandbeam.service.http.wire.V1;

/** Sandboxes as answers show them: without the server's own tag. */
final class Shown {
  private Shown() {}

  static V1.Sandbox whole(SandboxInfo info) {
    return SandboxMapping.toWire(OwnerTag.strip(info));
  }

  /** For lists: without the contents of files, which may be a thousand times the rest. */
  static V1.Sandbox brief(SandboxInfo info) {
    SandboxSpec spec = info.spec();
    if (spec.files().isEmpty()) {
      return whole(info);
    }
    SandboxSpec.Builder brief = spec.toBuilder();
    spec.files().keySet().forEach(path -> brief.file(path, new byte[0]));
    return whole(info.withSpec(brief.build()));
  }
}
