package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.service.leased.Lifecycle;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a sandbox ended that nobody here has ended. That somebody else deleted it, which ends a pool,
 * is said only when it is proven: process 1 may have died, or its engine have been restarted.
 */
final class UnaskedEnd {
  private static final Logger LOG = LoggerFactory.getLogger(UnaskedEnd.class);

  /** Events come late, and clocks are not compared to the second. */
  private static final Duration SLACK = Duration.ofSeconds(2);

  private final SandboxParts parts;
  private final String complaints;
  private final Optional<String> lost;
  private final boolean expired;

  /**
   * Of one whose stream ended just now.
   *
   * @param complaints what its first process said that was no report
   * @param lost why its connection was lost; empty when the container has closed its end
   */
  UnaskedEnd(SandboxParts parts, String complaints, Optional<String> lost) {
    this.parts = parts;
    this.complaints = complaints;
    this.lost = lost;
    Duration remaining = parts.life().remaining();
    // Process 1 may be faster than our timer.
    this.expired = remaining.isNegative() || remaining.isZero();
  }

  /** What can be said before the engine is asked; empty when it has to be. */
  private Optional<String> known() {
    if (expired) {
      return Optional.of(SandboxEnd.lifetimeIsOver(parts.spec()));
    }
    if (!parts.life().started() && !complaints.isEmpty()) {
      return Optional.of("its first process ended: " + complaints);
    }
    return lost.map(why -> "the connection to its engine was lost: " + why);
  }

  /**
   * Blocks while the engine is asked; the container is gone.
   *
   * @param code that it ended with, if known
   * @param removed whether we asked the engine to remove it, which then proves nothing
   */
  Lifecycle.Ending cause(OptionalInt code, Removed removed) {
    return known().map(Lifecycle.Ending::failed).orElseGet(() -> asked(code, removed));
  }

  /** Who asked the engine to remove a container. */
  enum Removed {
    BY_US,
    NOT_BY_US
  }

  private Lifecycle.Ending asked(OptionalInt code, Removed removed) {
    Set<String> events = events();
    boolean killed =
        removed == Removed.NOT_BY_US && (events.contains("kill") || events.contains("stop"));
    if (killed || jobIsOver()) {
      SandboxState how = parts.life().started() ? SandboxState.TERMINATED : SandboxState.FAILED;
      return new Lifecycle.Ending(how, "it was ended by somebody else", OptionalInt.empty());
    }
    if (events.contains("oom")) {
      return Lifecycle.Ending.failed("its memory was used up, and its first process was killed");
    }
    return Lifecycle.Ending.failed(
        "its first process ended"
            + (code.isPresent() ? " with exit code " + code.getAsInt() : "")
            + ", and nobody is known to have asked for it; its engine may have been restarted");
  }

  private Set<String> events() {
    Instant born = parts.life().info().createTime();
    try {
      return new ContainerEnd(parts.engine(), parts.id())
          .events(born.minus(SLACK), parts.context().facts().now().plus(SLACK));
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {}: its engine does not tell how it ended", parts.id(), e);
      return Set.of();
    }
  }

  private boolean jobIsOver() {
    try {
      for (Tag job : parts.spec().jobs()) {
        if (parts.context().seals().of(job) == Seal.SEALED) {
          return true;
        }
      }
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {}: it is not known whether its job is over", parts.id(), e);
    }
    return false;
  }
}
