package io.sandbeam.service.docker;

import io.sandbeam.service.Finding;
import io.sandbeam.service.Finding.Level;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the engine. Changes nothing. */
final class Diagnosis {
  private static final Logger LOG = LoggerFactory.getLogger(Diagnosis.class);

  private Diagnosis() {}

  static List<Finding> of(ServiceConfig config, Map<String, String> environment) {
    DockerSettings settings;
    try {
      settings = DockerSettings.of(config, environment);
    } catch (SandboxException e) {
      return List.of(new Finding(Level.MISSING, "settings", e.getMessage(), "mend the setting"));
    }
    try (Engine engine = Engine.of(settings)) {
      return look(engine, settings);
    } catch (SandboxException | IOException e) {
      LOG.debug("The engine cannot be looked at", e);
      return List.of(
          new Finding(
              Level.MISSING,
              "engine",
              String.valueOf(e.getMessage()),
              "Start Docker, or name another engine: export DOCKER_HOST=unix:///run/docker.sock;"
                  + " your user may have to be in the group docker"));
    }
  }

  private static List<Finding> look(Engine engine, DockerSettings settings) {
    List<Finding> findings = new ArrayList<>();
    EngineFacts facts = EngineFacts.of(engine);
    findings.add(
        new Finding(
            Level.OK,
            "engine",
            facts.name() + " at " + engine.address() + ", host " + facts.host(),
            ""));
    settings
        .runtime()
        .ifPresent(
            runtime ->
                findings.add(
                    RuntimeCheck.of(settings, facts, engine.address())
                        .map(Diagnosis::missing)
                        .orElseGet(() -> new Finding(Level.OK, "runtime", runtime, ""))));
    boolean seccomp = facts.security().stream().anyMatch(option -> option.contains("seccomp"));
    findings.add(
        seccomp
            ? new Finding(Level.OK, "system calls", "filtered by seccomp", "")
            : new Finding(
                Level.WARNING,
                "system calls",
                "not filtered: the engine says nothing of seccomp",
                "Run an engine with its default seccomp profile"));
    findings.add(new Finding(Level.OK, "cgroups", facts.cgroups(), ""));
    findings.add(image(engine, settings));
    return List.copyOf(findings);
  }

  private static Finding missing(RuntimeCheck.Refusal refusal) {
    return new Finding(Level.MISSING, "runtime", refusal.why(), refusal.remedy());
  }

  private static Finding image(Engine engine, DockerSettings settings) {
    String image = settings.images().getOrDefault(settings.image(), settings.image());
    boolean there = Images.isHere(engine, image);
    if (there) {
      return new Finding(Level.OK, "image", image + " is there", "");
    }
    return settings.pull() == DockerSettings.Pull.NEVER
        ? new Finding(
            Level.MISSING,
            "image",
            image + " is not there, and is not to be pulled",
            "Choose another with --service-setting=image=NAME, or pull it: docker pull " + image)
        : new Finding(
            Level.WARNING,
            "image",
            image + " is not there: the first sandbox pulls it",
            "docker pull " + image);
  }
}
