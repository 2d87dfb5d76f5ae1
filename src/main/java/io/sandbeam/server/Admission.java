package io.sandbeam.server;

import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.SpecReader;
import io.sandbeam.service.http.wire.V1Spec;

/** Which specs a server makes sandboxes of. Thread-safe. */
final class Admission {
  /** More than a kernel takes as arguments and variables of one program. */
  private static final long MOST_TEXT = 4L << 20;

  private final Limits limits;
  private final Reach reach;

  Admission(Limits limits, Reach reach) {
    this.limits = limits;
    this.reach = reach;
  }

  /**
   * The spec as it is made, marked as the caller's.
   *
   * @param root what violations call the spec
   * @throws SandboxValidationException with what is wrong with it
   * @throws io.sandbeam.service.SandboxUnsupportedException when it asks for what is not offered
   */
  SandboxSpec admit(Caller caller, V1Spec.SandboxSpec wire, String root) {
    SandboxSpec spec = SpecReader.strictly(wire, root);
    Reach.refuseOwnerTags(root + ".tags", spec.tags());
    if (SpecWeight.ofText(spec) > MOST_TEXT) {
      throw new SandboxValidationException(
          root,
          "Invalid " + root + ": what it says besides its files is above " + MOST_TEXT + " bytes");
    }
    if (spec.maxLifetime().compareTo(limits.longestLifetime()) > 0) {
      throw new SandboxValidationException(
          root + ".maxLifetimeSeconds",
          "Invalid lifetime "
              + spec.maxLifetime()
              + ": the longest here is "
              + limits.longestLifetime());
    }
    spec.restoreFrom().ifPresent(id -> reach.snapshot(caller, id));
    return OwnerTag.mark(spec, caller);
  }
}
