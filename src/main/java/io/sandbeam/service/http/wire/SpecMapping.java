package io.sandbeam.service.http.wire;

import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Specs of the contract as v1 writes them; {@link SpecReader} is the way back. */
public final class SpecMapping {
  /** The one container, as the public SDKs name it. */
  public static final String CONTAINER = "main";

  /** The image of a spec that names none, as in the public SDKs. */
  public static final String DEFAULT_IMAGE = "python:3.11";

  /** What a sandbox runs that has no main process: stays until TERM, as in the public SDKs. */
  static final List<String> KEEP_ALIVE =
      List.of("/bin/sh", "-c", "trap \"exit 0\" TERM INT; sleep infinity & wait");

  /** Stands for "no tag", which the contract does not know. */
  static final Tag UNTAGGED = Tag.of("untagged");

  private SpecMapping() {}

  /**
   * Writes a spec; one that names no image asks for {@link #DEFAULT_IMAGE}, or what a server of
   * ours takes instead.
   *
   * @throws SandboxValidationException when an annotation's name starts with {@link
   *     ReservedAnnotation#PREFIX}
   */
  public static V1Spec.SandboxSpec toWire(SandboxSpec spec) {
    refuseReserved(spec);
    return write(spec, Map.of());
  }

  static void refuseReserved(SandboxSpec spec) {
    spec.annotations().keySet().stream()
        .filter(name -> name.startsWith(ReservedAnnotation.PREFIX))
        .findFirst()
        .ifPresent(
            name -> {
              throw new SandboxValidationException(
                  "annotations." + name,
                  "Invalid annotation '"
                      + name
                      + "': names that start with "
                      + ReservedAnnotation.PREFIX
                      + " are reserved");
            });
  }

  /** Writes a spec for an answer, with what a {@link SpecReader} kept of the request. */
  static V1Spec.SandboxSpec toAnswer(SandboxSpec spec, Map<String, String> limitsInForce) {
    Map<String, String> limits = new TreeMap<>();
    limitsInForce.forEach((name, how) -> limits.put(ReservedAnnotation.LIMIT_PREFIX + name, how));
    return write(spec, limits);
  }

  private static V1Spec.SandboxSpec write(SandboxSpec spec, Map<String, String> more) {
    Map<String, String> annotations = new TreeMap<>(spec.annotations());
    String name = annotations.getOrDefault(ReservedAnnotation.CONTAINER, CONTAINER);
    annotations.remove(ReservedAnnotation.CONTAINER);
    annotations.putAll(more);
    if (spec.image().isEmpty()) {
      annotations.put(ReservedAnnotation.DEFAULT_IMAGE, "true");
    }
    spec.resources()
        .processes()
        .ifPresent(
            most -> annotations.put(ReservedAnnotation.PROCESS_LIMIT, Integer.toString(most)));
    if (!spec.maxLifetime().equals(Duration.ofSeconds(spec.maxLifetime().toSeconds()))) {
      annotations.put(ReservedAnnotation.MAX_LIFETIME, spec.maxLifetime().toString());
    }
    return new V1Spec.SandboxSpec(
        List.of(container(name, spec, DEFAULT_IMAGE)),
        name,
        List.of(volume(spec)),
        List.of(),
        wholeSeconds(spec.maxLifetime()),
        List.of(),
        null,
        tags(spec),
        List.of(),
        network(spec.network()),
        annotations,
        List.of(),
        "",
        V1Spec.SandboxMode.SANDBOX_MODE_UNSPECIFIED,
        "");
  }

  static V1Spec.Container container(String name, SandboxSpec spec, String defaultImage) {
    List<String> command = spec.command().isEmpty() ? KEEP_ALIVE : spec.command();
    List<V1Spec.FileMount> files = new ArrayList<>();
    spec.files().forEach((path, content) -> files.add(new V1Spec.FileMount(path, content)));
    return new V1Spec.Container(
        name,
        spec.image().orElse(defaultImage),
        command.get(0),
        command.subList(1, command.size()),
        spec.env(),
        spec.workingDir(),
        resources(spec.resources()),
        null,
        files,
        List.of(
            new V1Spec.VolumeMount(SandboxSpec.SCRATCH_VOLUME, SandboxSpec.WORKSPACE, false, "")),
        List.of(),
        null,
        null);
  }

  static V1Spec.SandboxVolume volume(SandboxSpec spec) {
    String size = spec.resources().disk().map(Object::toString).orElse("");
    return new V1Spec.SandboxVolume(
        SandboxSpec.SCRATCH_VOLUME,
        new V1Spec.ScratchVolume(
            size, V1Spec.StorageMedium.STORAGE_MEDIUM_UNSPECIFIED, spec.restoreFrom().orElse("")),
        null);
  }

  /** Null when nothing is limited. */
  static V1Spec.Resources resources(Resources resources) {
    if (resources.cpu().isEmpty() && resources.memory().isEmpty()) {
      return null;
    }
    String cpu = resources.cpu().isPresent() ? resources.cpu().getAsInt() + "m" : "";
    return new V1Spec.Resources(cpu, resources.memory().map(Object::toString).orElse(""), null);
  }

  static V1Network.NetworkOptions network(Network network) {
    return switch (network) {
      case NONE -> new V1Network.NetworkOptions(List.of(), List.of(), true, true);
      case OPEN ->
          new V1Network.NetworkOptions(
              List.of(), List.of(V1Network.EgressRule.toAnywhere()), null, null);
    };
  }

  private static List<String> tags(SandboxSpec spec) {
    return spec.tags().equals(Set.of(UNTAGGED))
        ? List.of()
        : spec.tags().stream().map(Tag::value).toList();
  }

  /** Never 0, which means the platform's default; never above what was asked for, if possible. */
  static int wholeSeconds(Duration lifetime) {
    return (int) Math.max(1, lifetime.toSeconds());
  }
}
