package io.sandbeam.service;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which active sandboxes to end together: those that carry every tag, or all in reach.
 *
 * @param tags the selector; empty only when {@code scope} is ALL
 * @param scope what is selected
 * @param dryRun whether to count only
 */
public record PurgeRequest(Set<Tag> tags, Scope scope, DryRun dryRun) {

  /** What a purge selects. */
  public enum Scope {
    /** Sandboxes with every given tag. */
    TAGGED,
    /** Every active sandbox the caller may end. */
    ALL
  }

  public PurgeRequest {
    tags = Collections.unmodifiableSet(new LinkedHashSet<>(tags));
    if (tags.isEmpty() == (scope == Scope.TAGGED)) {
      throw new SandboxValidationException(
          "tags", "A purge names tags, or all sandboxes, and never both or neither");
    }
  }

  public static PurgeRequest tagged(Collection<Tag> tags) {
    return new PurgeRequest(new LinkedHashSet<>(tags), Scope.TAGGED, DryRun.NO);
  }

  public static PurgeRequest all() {
    return new PurgeRequest(Set.of(), Scope.ALL, DryRun.NO);
  }

  public PurgeRequest withDryRun(DryRun dry) {
    return new PurgeRequest(tags, scope, dry);
  }
}
