package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Looks at a sandbox that was kept, since nobody tells when one ends. */
final class KeptSandbox {
  private KeptSandbox() {}

  /** As {@link SandboxLease#look}. One that still starts is as good as one that runs. */
  static CompletableFuture<SandboxLease.Verdict> look(Sandbox sandbox) {
    return sandbox.id().isEmpty()
        ? CompletableFuture.completedFuture(SandboxLease.Verdict.CLEAN)
        : sandbox
            .info()
            .handle((info, failure) -> failure == null ? verdict(info) : verdict(failure));
  }

  private static SandboxLease.Verdict verdict(SandboxInfo info) {
    return switch (info.state()) {
      case TERMINATED -> SandboxLease.Verdict.SWEPT;
      // Why it ends is not known yet: an engine that is lost ends sandboxes, too.
      case TERMINATING, COMPLETED, FAILED -> SandboxLease.Verdict.BROKEN;
      default -> SandboxLease.Verdict.CLEAN;
    };
  }

  private static SandboxLease.Verdict verdict(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof SandboxNotFoundException
        ? SandboxLease.Verdict.SWEPT
        : SandboxLease.Verdict.CLEAN;
  }
}
