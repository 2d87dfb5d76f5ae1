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
  /** What violations call the spec of a create. */
  public static final String CREATED = "sandbox.spec";

  private final SandboxSpec.Builder builder = SandboxSpec.builder();
  private final List<Violation> violations = new ArrayList<>();
  private final List<String> unsupported = new ArrayList<>();
  private Resources resources = Resources.DEFAULT;

  /** What violations call the spec. */
  private final String root;

  /** What a server repeats in its answers, and a client never shows. */
  private final boolean keepReserved;

  private SpecReader(String root, boolean keepReserved) {
    this.root = root;
    this.keepReserved = keepReserved;
  }

  /** As the other, of the body of a create. */
  public static SandboxSpec strictly(V1Spec.SandboxSpec wire) {
    return strictly(wire, CREATED);
  }

  /**
   * Reads the spec of a sandbox that is to be.
   *
   * @param root what violations call the spec
   * @throws SandboxValidationException with every violation
   * @throws SandboxUnsupportedException when it uses what this product does not offer
   */
  public static SandboxSpec strictly(V1Spec.SandboxSpec wire, String root) {
    SpecReader reader = new SpecReader(root, true);
    if (wire == null) {
      throw new SandboxValidationException(root, "Invalid " + root + ": it is missing");
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
    SpecReader reader = new SpecReader(CREATED, false);
    if (wire == null) {
      return reader.builder.tags(List.of(SpecMapping.UNTAGGED)).build();
    }
    reader.read(wire);
    return reader.builder.build();
  }

  private void read(V1Spec.SandboxSpec wire) {
    Map<String, String> annotations = wire.annotations();
    if (wire.containers().isEmpty()) {
      violation("containers", "at least one container is needed");
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
        "annotations." + ReservedAnnotation.PROCESS_LIMIT,
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
    String at = "containers[0]";
    if (container.name().isBlank()) {
      violation(at + ".name", "it is missing");
    } else if (!container.name().equals(SpecMapping.CONTAINER) && keepReserved) {
      builder.annotations(Map.of(ReservedAnnotation.CONTAINER, container.name()));
    }
    if (!wire.primaryContainer().isEmpty() && !wire.primaryContainer().equals(container.name())) {
      violation("primaryContainer", "no container has this name");
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
      attempt(
          at + ".cpu", () -> resources = resources.withCpuMillis(CpuQuantity.millis(wire.cpu())));
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
      attempt("tags[" + i + "]", () -> tags.add(Tag.of(tag)));
    }
    if (tags.stream().distinct().count() < tags.size() && before == violations.size()) {
      violation("tags", "a tag is given twice");
    }
    builder.tags(tags.isEmpty() ? List.of(SpecMapping.UNTAGGED) : tags);
  }

  private void lifetime(V1Spec.SandboxSpec wire, Map<String, String> annotations) {
    if (wire.maxLifetimeSeconds() != 0) {
      attempt(
          "maxLifetimeSeconds",
          () -> builder.maxLifetime(Duration.ofSeconds(wire.maxLifetimeSeconds())));
    }
    String exact = annotations.get(ReservedAnnotation.MAX_LIFETIME);
    if (exact != null) {
      attempt(
          "annotations." + ReservedAnnotation.MAX_LIFETIME,
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
          "volumes[0].scratch.size",
          () -> resources = resources.withDisk(ByteSize.parse(scratch.size())));
    }
    if (!scratch.restoreFromSnapshotId().isEmpty()) {
      attempt(
          "volumes[0].scratch.restoreFromSnapshotId",
          () -> builder.restoreFrom(scratch.restoreFromSnapshotId()));
    }
  }

  private void network(V1Network.NetworkOptions wire) {
    if (wire == null) {
      return;
    }
    if (Boolean.TRUE.equals(wire.denyEgress()) && !wire.egress().isEmpty()) {
      violation("network.denyEgress", "it excludes egress rules");
    }
    boolean anywhere = wire.egress().stream().anyMatch(rule -> Boolean.TRUE.equals(rule.any()));
    builder.network(anywhere ? Network.OPEN : Network.NONE);
  }

  private static int processes(Map<String, String> annotations) {
    return Integer.parseInt(annotations.getOrDefault(ReservedAnnotation.PROCESS_LIMIT, "0"));
  }

  private void attempt(String field, Runnable step) {
    try {
      step.run();
    } catch (SandboxException | IllegalArgumentException | DateTimeParseException e) {
      violation(field, e.getMessage());
    }
  }

  private void violation(String field, String description) {
    violations.add(new Violation(root + "." + field, description));
  }
}
