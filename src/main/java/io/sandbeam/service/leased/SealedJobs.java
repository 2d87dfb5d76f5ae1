package io.sandbeam.service.leased;

import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;

/**
 * The jobs that are over.
 *
 * <p>A create looks twice: before it makes anything, and when every list shows what it made. So
 * whoever seals a job and then lists either sees that, or the second look saw the seal.
 */
public interface SealedJobs {
  Seal of(Tag job);

  /** Refuses what belongs to a job that is over. */
  default void requireOpen(SandboxSpec spec) {
    for (Tag job : spec.jobs()) {
      if (of(job) == Seal.SEALED) {
        throw new SandboxSealedException(job);
      }
    }
  }
}
