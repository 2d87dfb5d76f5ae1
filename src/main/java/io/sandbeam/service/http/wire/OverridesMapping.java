package io.sandbeam.service.http.wire;

import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A spec as what it changes of a template: always its tags, since a sandbox is born tagged, and its
 * lifetime, since it is leased; the rest only where it differs from the contract's defaults, so
 * that what it leaves open is as the template says.
 *
 * <p>What is present in overrides replaces the template's field, see {@link TemplateMerge}:
 *
 * <ul>
 *   <li>The template's tags are replaced; so are its annotations by a spec that has some, or a
 *       process limit, which is one.
 *   <li>Image, command, variables, working directory, cpu, memory, disk, files and a snapshot to
 *       start from belong to the container and its volume. A spec that names none of them sends no
 *       container, and the template's own main process is what keeps the sandbox: it has to stay. A
 *       spec that names one sends the whole container, with the keep-alive command unless it has
 *       one of its own, and the volume {@code workspace}, in the place of all containers and
 *       volumes of the template: half of a container could not be told from a whole one.
 *   <li>A network that is open is sent; {@link Network#NONE}, being the default, is not.
 *   <li>The lifetime is whole seconds, also on a server of ours: what tells more is an annotation,
 *       and would cost the template's.
 * </ul>
 */
public final class OverridesMapping {
  private OverridesMapping() {}

  /**
   * Writes the overrides.
   *
   * @param image of a container that is sent, when the spec names none
   * @throws SandboxValidationException when a container is needed and no image is known, or an
   *     annotation is reserved
   */
  public static V1Spec.PartialSandboxSpec toWire(SandboxSpec spec, Optional<String> image) {
    SpecMapping.refuseReserved(spec);
    List<String> ofContainer = ofContainer(spec);
    boolean whole = !ofContainer.isEmpty();
    String named = spec.image().or(() -> image).orElse("");
    if (whole && named.isEmpty()) {
      throw new SandboxValidationException(
          "image",
          "No image is named. With "
              + String.join(", ", ofContainer)
              + " the container of the template is replaced, and its image with it: name the image"
              + " (image: NAME, or --serviceSetting=image=NAME), or leave that to the template");
    }
    return new V1Spec.PartialSandboxSpec(
        whole ? List.of(SpecMapping.container(SpecMapping.CONTAINER, spec, named)) : List.of(),
        whole ? SpecMapping.CONTAINER : "",
        whole ? List.of(SpecMapping.volume(spec)) : List.of(),
        List.of(),
        SpecMapping.wholeSeconds(spec.maxLifetime()),
        List.of(),
        null,
        spec.tags().stream().map(Tag::value).toList(),
        List.of(),
        spec.network() == Network.NONE ? null : SpecMapping.network(spec.network()),
        annotations(spec),
        List.of(),
        "",
        V1Spec.SandboxMode.SANDBOX_MODE_UNSPECIFIED,
        "");
  }

  private static List<String> ofContainer(SandboxSpec spec) {
    Resources resources = spec.resources();
    List<String> named = new ArrayList<>();
    note(spec.image().isPresent(), "image", named);
    note(!spec.command().isEmpty(), "command", named);
    note(!spec.env().isEmpty(), "env", named);
    note(!spec.workingDir().equals(SandboxSpec.WORKSPACE), "workingDir", named);
    note(resources.cpu().isPresent(), "cpu", named);
    note(resources.memory().isPresent(), "memory", named);
    note(resources.disk().isPresent(), "disk", named);
    note(!spec.files().isEmpty(), "files", named);
    note(spec.restoreFrom().isPresent(), "restoreFrom", named);
    return named;
  }

  private static void note(boolean asked, String name, List<String> named) {
    if (asked) {
      named.add(name);
    }
  }

  private static Map<String, String> annotations(SandboxSpec spec) {
    Map<String, String> annotations = new TreeMap<>(spec.annotations());
    spec.resources()
        .processes()
        .ifPresent(
            most -> annotations.put(ReservedAnnotation.PROCESS_LIMIT, Integer.toString(most)));
    return annotations;
  }
}
