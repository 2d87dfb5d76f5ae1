package io.sandbeam.service.local;

import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.leased.Lifecycle;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Of a sandbox on this machine, by its clock. Thread-safe. */
final class LocalLifecycle extends Lifecycle {

  LocalLifecycle(
      String id,
      SandboxSpec spec,
      Instant createTime,
      String host,
      Map<String, String> limitsInForce) {
    super(id, spec, createTime, host, limitsInForce);
  }

  /** Without the contents of files: an ended sandbox is kept for a while, and they may be large. */
  static SandboxSpec withoutContents(SandboxSpec spec) {
    if (spec.files().isEmpty()) {
      return spec;
    }
    SandboxSpec.Builder bare = spec.toBuilder();
    spec.files().keySet().forEach(path -> bare.file(path, new byte[0]));
    return bare.build();
  }

  @Override
  protected SandboxSpec kept(SandboxSpec whole) {
    return withoutContents(whole);
  }

  @Override
  protected Instant now() {
    return Instant.now();
  }

  @Override
  public synchronized boolean run() {
    boolean first = super.run();
    if (first) {
      times(createTime(), Optional.of(now()));
    }
    return first;
  }
}
