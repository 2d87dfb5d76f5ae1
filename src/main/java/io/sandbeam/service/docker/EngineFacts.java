package io.sandbeam.service.docker;

import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.api.model.VersionComponent;
import io.sandbeam.service.Effect;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an engine says of itself.
 *
 * @param name {@code docker 20.10.24}, {@code podman 4.3.1}
 * @param host the machine it runs on
 * @param clockAhead how far its clock is ahead of ours
 * @param runtimes it can start containers with
 * @param security options in force
 */
record EngineFacts(
    String name,
    String host,
    Duration clockAhead,
    Set<String> runtimes,
    List<String> security,
    String cgroups) {

  /** Some engines take seconds to say all that, and it hardly changes. */
  private static final Map<String, Known> KNOWN = new ConcurrentHashMap<>();

  private static final Duration KEPT = Duration.ofMinutes(5);

  private record Known(EngineFacts facts, long atNanos) {}

  /** Asks the engine, which has to answer, though not always in detail. */
  static EngineFacts of(Engine engine) {
    Known known = KNOWN.get(engine.address());
    if (known != null && System.nanoTime() - known.atNanos() < KEPT.toNanos()) {
      engine.call("answer", Effect.NONE, () -> engine.client().pingCmd().exec());
      return known.facts();
    }
    return askAgain(engine);
  }

  /** Asks it, whatever it has said before. */
  static EngineFacts askAgain(Engine engine) {
    EngineFacts facts = ask(engine);
    KNOWN.put(engine.address(), new Known(facts, System.nanoTime()));
    return facts;
  }

  private static EngineFacts ask(Engine engine) {
    return engine.call(
        "say what it is",
        Effect.NONE,
        () -> {
          Version version = engine.client().versionCmd().exec();
          Info info = engine.client().infoCmd().exec();
          return new EngineFacts(
              name(version),
              Optional.ofNullable(info.getName()).orElse("unknown"),
              clockAhead(info.getSystemTime()),
              info.getRuntimes() == null ? Set.of() : info.getRuntimes().keySet(),
              info.getSecurityOptions() == null ? List.of() : info.getSecurityOptions(),
              "v" + Optional.ofNullable(info.getCGroupVersion()).orElse("1"));
        });
  }

  private static String name(Version version) {
    boolean podman =
        version.getComponents() != null
            && version.getComponents().stream()
                .map(VersionComponent::getName)
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).contains("podman"));
    return (podman ? "podman " : "docker ") + version.getVersion();
  }

  private static Duration clockAhead(String systemTime) {
    if (systemTime == null) {
      return Duration.ZERO;
    }
    try {
      return Duration.between(Instant.now(), OffsetDateTime.parse(systemTime).toInstant());
    } catch (DateTimeParseException e) {
      // An engine that does not tell the time is taken to have ours.
      return Duration.ZERO;
    }
  }

  boolean isPodman() {
    return name.startsWith("podman");
  }

  /** The time there. */
  Instant now() {
    return Instant.now().plus(clockAhead);
  }

  /** For people: isolation and limits in force. */
  Map<String, String> shown(DockerSettings settings) {
    Map<String, String> facts = new TreeMap<>();
    facts.put(
        "isolation",
        "containers: no capabilities, no new privileges, read-only root, the engine's seccomp profile");
    facts.put("security options", String.join(", ", security));
    facts.put("runtime", settings.runtime().orElse("the engine's default"));
    facts.put("user", settings.user().orElse("the image's"));
    facts.put("network", "none, unless a spec asks for OPEN: then " + settings.network());
    facts.put("cgroups", cgroups);
    facts.put("limit processes", Integer.toString(settings.processes()));
    facts.put("limit memory", settings.memory().map(Object::toString).orElse("none"));
    facts.put("limit disk", settings.workspaceSize() + " of memory");
    return facts;
  }
}
