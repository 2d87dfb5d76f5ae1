package io.sandbeam.service.http.wire;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.SandboxValidationException.Violation;
import io.sandbeam.service.Tag;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads specs of the contract from v1.
 *
 * <p>A server reads strictly: what breaks a rule is a violation, what this product does not offer
 * is refused as such, and nothing is dropped. A client reads tolerantly: what the contract cannot
 * express (another product's volumes, a tag with a blank) is left out, and a sandbox that shows no
 * tag has the tag {@code untagged}.
 */
public final class SpecReader {
  private final SandboxSpec.Builder builder = SandboxSpec.builder();
  private final List<Violation> violations = new ArrayList<>();
  private final List<String> unsupported = new ArrayList<>();
  private Resources resources = Resources.DEFAULT;

  /** What a server repeats in its answers, and a client never shows. */
  private final boolean keepReserved;

  private SpecReader(boolean keepReserved) {
    this.keepReserved = keepReserved;
  }

  /**
   * Reads the spec of a create.
   *
   * @throws SandboxValidationException with every violation
   * @throws SandboxUnsupportedException when it uses what this product does not offer
   */
  public static SandboxSpec strictly(V1Spec.SandboxSpec wire) {
    SpecReader reader = new SpecReader(true);
    if (wire == null) {
      throw new SandboxValidationException("sandbox.spec", "Invalid sandbox.spec: it is missing");
    }
    UnsupportedSpec.collect(wire, reader.unsupported);
    reader.read(wire);
    if (!reader.violations.isEmpty()) {
      Violation first = reader.violations.get(0);
      throw new SandboxValidationException(
          "Invalid " + first.field() + ": " + first.description(), reader.violations);
    }
    if (!reader.unsupported.isEmpty()) {
      throw new SandboxUnsupportedException(
          "Not implemented here: " + String.join(", ", reader.unsupported));
    }
    return reader.builder.build();
  }

  /** Reads the spec of an answer, which may be missing. */
  public static SandboxSpec tolerantly(V1Spec.SandboxSpec wire) {
    SpecReader reader = new SpecReader(false);
    if (wire == null) {
      return reader.builder.tags(List.of(SpecMapping.UNTAGGED)).build();
    }
    reader.read(wire);
    return reader.builder.build();
  }

  private void read(V1Spec.SandboxSpec wire) {
    Map<String, String> annotations = wire.annotations();
    if (wire.containers().isEmpty()) {
      violation("sandbox.spec.containers", "at least one container is needed");
    } else {
      container(wire, wire.containers().get(0));
    }
    tags(wire.tags());
    lifetime(wire, annotations);
    wire.volumes().stream()
        .filter(volume -> volume.scratch() != null)
        .filter(volume -> volume.name().equals(SandboxSpec.SCRATCH_VOLUME))
        .findFirst()
        .ifPresent(volume -> volume(volume.scratch()));
    network(wire.network());
    attempt(
        "sandbox.spec.annotations." + ReservedAnnotation.PROCESS_LIMIT,
        () -> resources = resources.withProcesses(processes(annotations)));
    builder.resources(resources);
    annotations.forEach(
        (name, value) -> {
          if (!name.startsWith(ReservedAnnotation.PREFIX)) {
            builder.annotations(Map.of(name, value));
          }
        });
  }

  private void container(V1Spec.SandboxSpec wire, V1Spec.Container container) {
    String at = "sandbox.spec.containers[0]";
    if (container.name().isBlank()) {
      violation(at + ".name", "it is missing");
    } else if (!container.name().equals(SpecMapping.CONTAINER) && keepReserved) {
      builder.annotations(Map.of(ReservedAnnotation.CONTAINER, container.name()));
    }
    if (!wire.primaryContainer().isEmpty() && !wire.primaryContainer().equals(container.name())) {
      violation("sandbox.spec.primaryContainer", "no container has this name");
    }
    if (!wire.annotations().containsKey(ReservedAnnotation.DEFAULT_IMAGE)) {
      attempt(at + ".image", () -> builder.image(container.image()));
    }
    List<String> command = new ArrayList<>();
    if (!container.command().isEmpty()) {
      command.add(container.command());
      command.addAll(container.args());
    }
    if (!command.equals(SpecMapping.KEEP_ALIVE)) {
      attempt(at + ".command", () -> builder.command(command));
    }
    container
        .environmentVariables()
        .forEach(
            (name, value) ->
                attempt(at + ".environmentVariables", () -> builder.env(Map.of(name, value))));
    if (!container.workingDir().isEmpty()) {
      attempt(at + ".workingDir", () -> builder.workingDir(container.workingDir()));
    }
    if (container.resources() != null && container.resourceRequirements() != null) {
      violation(at + ".resourceRequirements", "it excludes resources");
    }
    V1Spec.Resources limits = limits(container);
    if (limits != null) {
      resources(at + ".resources", limits);
    }
    for (int i = 0; i < container.files().size(); i++) {
      V1Spec.FileMount file = container.files().get(i);
      attempt(at + ".files[" + i + "].path", () -> builder.file(file.path(), file.content()));
    }
  }

  private static V1Spec.Resources limits(V1Spec.Container container) {
    if (container.resources() != null || container.resourceRequirements() == null) {
      return container.resources();
    }
    return container.resourceRequirements().limits();
  }

  private void resources(String at, V1Spec.Resources wire) {
    if (!wire.cpu().isEmpty()) {
      attempt(at + ".cpu", () -> resources = resources.withCpuMillis(cpuMillis(wire.cpu())));
    }
    if (!wire.memory().isEmpty()) {
      attempt(
          at + ".memory", () -> resources = resources.withMemory(ByteSize.parse(wire.memory())));
    }
  }

  private void tags(List<String> wire) {
    int before = violations.size();
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < wire.size(); i++) {
      String tag = wire.get(i);
      attempt("sandbox.spec.tags[" + i + "]", () -> tags.add(Tag.of(tag)));
    }
    if (tags.stream().distinct().count() < tags.size() && before == violations.size()) {
      violation("sandbox.spec.tags", "a tag is given twice");
    }
    builder.tags(tags.isEmpty() ? List.of(SpecMapping.UNTAGGED) : tags);
  }

  private void lifetime(V1Spec.SandboxSpec wire, Map<String, String> annotations) {
    if (wire.maxLifetimeSeconds() != 0) {
      attempt(
          "sandbox.spec.maxLifetimeSeconds",
          () -> builder.maxLifetime(Duration.ofSeconds(wire.maxLifetimeSeconds())));
    }
    String exact = annotations.get(ReservedAnnotation.MAX_LIFETIME);
    if (exact != null) {
      attempt(
          "sandbox.spec.annotations." + ReservedAnnotation.MAX_LIFETIME,
          () -> {
            Duration lifetime = Duration.parse(exact);
            if (SpecMapping.wholeSeconds(lifetime) != wire.maxLifetimeSeconds()) {
              throw new IllegalArgumentException("it disagrees with maxLifetimeSeconds");
            }
            builder.maxLifetime(lifetime);
          });
    }
  }

  private void volume(V1Spec.ScratchVolume scratch) {
    if (!scratch.size().isEmpty()) {
      attempt(
          "sandbox.spec.volumes[0].scratch.size",
          () -> resources = resources.withDisk(ByteSize.parse(scratch.size())));
    }
    if (!scratch.restoreFromSnapshotId().isEmpty()) {
      attempt(
          "sandbox.spec.volumes[0].scratch.restoreFromSnapshotId",
          () -> builder.restoreFrom(scratch.restoreFromSnapshotId()));
    }
  }

  private void network(V1Network.NetworkOptions wire) {
    if (wire == null) {
      return;
    }
    if (Boolean.TRUE.equals(wire.denyEgress()) && !wire.egress().isEmpty()) {
      violation("sandbox.spec.network.denyEgress", "it excludes egress rules");
    }
    boolean anywhere = wire.egress().stream().anyMatch(rule -> Boolean.TRUE.equals(rule.any()));
    builder.network(anywhere ? Network.OPEN : Network.NONE);
  }

  private static int processes(Map<String, String> annotations) {
    return Integer.parseInt(annotations.getOrDefault(ReservedAnnotation.PROCESS_LIMIT, "0"));
  }

  /** {@code 500m}, {@code 2}, {@code 0.5}. */
  static int cpuMillis(String quantity) {
    if (!quantity.matches("\\d{1,6}(\\.\\d{1,3})?|\\d{1,9}m")) {
      throw new IllegalArgumentException(
          "'" + Scalars.shorten(quantity) + "' is not a quantity of cores such as 500m or 2");
    }
    return quantity.endsWith("m")
        ? Integer.parseInt(quantity.substring(0, quantity.length() - 1))
        : new BigDecimal(quantity).movePointRight(3).intValueExact();
  }

  private void attempt(String field, Runnable step) {
    try {
      step.run();
    } catch (SandboxException | IllegalArgumentException | DateTimeParseException e) {
      violation(field, e.getMessage());
    }
  }

  private void violation(String field, String description) {
    violations.add(new Violation(field, description));
  }
}
