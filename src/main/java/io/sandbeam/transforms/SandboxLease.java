package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sandbox;
import java.util.concurrent.CompletableFuture;

/** One sandbox in the hands of one command. */
interface SandboxLease {

  /** How a command leaves its sandbox. */
  enum Verdict {
    /** As it found it, but for files: another command may run in it. */
    CLEAN,
    /** Processes left behind, out of time or memory, or simply enough: it must end. */
    SPENT,
    /** It failed under the command, or never came up. */
    BROKEN,
    /** Somebody else deleted it: a sweep, most likely. */
    SWEPT
  }

  Sandbox sandbox();

  /**
   * Whether it is still there to be used: one that was kept for its command may have ended
   * meanwhile. Completes with {@link Verdict#CLEAN}, or with how to give it back at once. Never
   * exceptionally: of one that cannot be looked at, the command will tell.
   */
  default CompletableFuture<Verdict> look() {
    return CompletableFuture.completedFuture(Verdict.CLEAN);
  }

  /**
   * Gives it back. The first call decides, further ones give its answer. Completes when the sandbox
   * is gone or ready for the next command; never exceptionally, since what could not be ended stays
   * tracked by the session.
   */
  CompletableFuture<Void> release(Verdict verdict);
}
