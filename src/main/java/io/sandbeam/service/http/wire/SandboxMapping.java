package io.sandbeam.service.http.wire;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** What a service reports of a sandbox, as v1 writes it, and back. */
public final class SandboxMapping {
  private SandboxMapping() {}

  public static V1.Sandbox toWire(SandboxInfo info) {
    SandboxSpec spec = info.spec();
    V1Spec.SandboxSpec wire = SpecMapping.toAnswer(spec, info.limitsInForce());
    V1Status.State state = toWire(info.state());
    V1Status.SandboxStatus status =
        new V1Status.SandboxStatus(
            state,
            info.stateReason(),
            info.createTime(),
            info.startTime().orElse(null),
            info.endTime().orElse(null),
            List.of(),
            null,
            info.exitCode().isPresent() ? info.exitCode().getAsInt() : null,
            SpecMapping.resources(spec.resources()),
            null,
            SpecMapping.wholeSeconds(info.effectiveMaxLifetime()),
            List.of(
                new V1Status.ContainerStatus(
                    wire.primaryContainer(), state, info.exitCode().orElse(0), 0)),
            info.host(),
            "",
            List.of(),
            List.of(),
            List.of(),
            "");
    return new V1.Sandbox(info.id(), wire, status, "", 0);
  }

  /**
   * Reads what a service answered, as well as it goes.
   *
   * @param now stands in for a create time that the service does not tell, so that no sweep by age
   *     takes the sandbox for an old one
   */
  public static SandboxInfo fromWire(V1.Sandbox wire, Instant now) {
    SandboxSpec spec = SpecReader.tolerantly(wire.spec());
    V1Status.SandboxStatus status = wire.status();
    if (status == null) {
      return new SandboxInfo(
          wire.sandboxId(),
          spec,
          SandboxState.UNSPECIFIED,
          "",
          now,
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          spec.maxLifetime(),
          "",
          Map.of());
    }
    return new SandboxInfo(
        wire.sandboxId(),
        spec,
        fromWire(status.state()),
        status.stateReason(),
        Optional.ofNullable(status.createTime()).orElse(now),
        Optional.ofNullable(status.startTime()),
        Optional.ofNullable(status.endTime()),
        status.exitCode() == null ? OptionalInt.empty() : OptionalInt.of(status.exitCode()),
        lifetime(spec, status.effectiveMaxLifetimeSeconds()),
        status.runnerId(),
        limitsInForce(wire));
  }

  public static V1Status.State toWire(SandboxState state) {
    return V1Status.State.valueOf("STATE_" + state.name());
  }

  public static SandboxState fromWire(V1Status.State state) {
    return SandboxState.valueOf(state.name().substring("STATE_".length()));
  }

  private static Duration lifetime(SandboxSpec spec, int effectiveSeconds) {
    boolean asAsked = effectiveSeconds == SpecMapping.wholeSeconds(spec.maxLifetime());
    return effectiveSeconds <= 0 || asAsked
        ? spec.maxLifetime()
        : Duration.ofSeconds(effectiveSeconds);
  }

  private static Map<String, String> limitsInForce(V1.Sandbox wire) {
    Map<String, String> limits = new TreeMap<>();
    if (wire.spec() != null) {
      wire.spec()
          .annotations()
          .forEach(
              (name, how) -> {
                if (name.startsWith(ReservedAnnotation.LIMIT_PREFIX)) {
                  limits.put(name.substring(ReservedAnnotation.LIMIT_PREFIX.length()), how);
                }
              });
    }
    return limits;
  }
}
