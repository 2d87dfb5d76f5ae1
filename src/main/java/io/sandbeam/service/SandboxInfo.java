package io.sandbeam.service;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a service reports of one sandbox.
 *
 * @param id given by the service, unique in it
 * @param spec what was asked for
 * @param state where it stands
 * @param stateReason a sentence for people, or empty
 * @param createTime by the service's clock
 * @param startTime when it became usable
 * @param endTime when it became terminal
 * @param exitCode of the main process, when one was observed
 * @param effectiveMaxLifetime the lifetime in force, counted from {@code createTime}
 * @param host the machine or runner that carries it, or empty
 * @param limitsInForce what enforces each limit ({@code memory → cgroup v1, 256Mi}); a limit that
 *     was asked for and cannot be enforced is here with {@code not enforced: why}
 */
public record SandboxInfo(
    String id,
    SandboxSpec spec,
    SandboxState state,
    String stateReason,
    Instant createTime,
    Optional<Instant> startTime,
    Optional<Instant> endTime,
    OptionalInt exitCode,
    Duration effectiveMaxLifetime,
    String host,
    Map<String, String> limitsInForce) {

  public SandboxInfo {
    limitsInForce = Map.copyOf(limitsInForce);
  }

  /** Whether it has ended for good. */
  public boolean isTerminal() {
    return state.isTerminal();
  }

  /** The same sandbox, its spec shown otherwise. */
  public SandboxInfo withSpec(SandboxSpec shown) {
    return with(shown, state);
  }

  /** The same sandbox in another state, all else as it was. */
  public SandboxInfo withState(SandboxState other) {
    return with(spec, other);
  }

  private SandboxInfo with(SandboxSpec shown, SandboxState other) {
    return new SandboxInfo(
        id,
        shown,
        other,
        stateReason,
        createTime,
        startTime,
        endTime,
        exitCode,
        effectiveMaxLifetime,
        host,
        limitsInForce);
  }
}
