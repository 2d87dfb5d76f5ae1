package io.sandbeam.service.http.wire;

import io.sandbeam.service.SandboxSpec;
import java.util.List;

/** Names what a spec asks for, rightly by v1, that the contract does not offer. */
final class UnsupportedSpec {
  private UnsupportedSpec() {}

  static void collect(V1Spec.SandboxSpec wire, List<String> unsupported) {
    note(wire.containers().size() > 1, "more than one container", unsupported);
    note(!wire.initContainers().isEmpty(), "initContainers", unsupported);
    note(!wire.services().isEmpty(), "services", unsupported);
    note(!wire.networkIds().isEmpty(), "networkIds", unsupported);
    note(wire.objectStorageAccess() != null, "objectStorageAccess", unsupported);
    note(!wire.runnerIds().isEmpty(), "runnerIds", unsupported);
    note(!wire.instanceType().isEmpty(), "instanceType", unsupported);
    note(wire.mode() == V1Spec.SandboxMode.SANDBOX_MODE_CKS, "mode CKS", unsupported);
    note(!wire.runtimeClass().isEmpty(), "runtimeClass", unsupported);
    wire.containers().forEach(container -> container(container, unsupported));
    wire.volumes().forEach(volume -> volume(volume, unsupported));
    if (wire.network() != null) {
      network(wire.network(), unsupported);
    }
  }

  private static void container(V1Spec.Container container, List<String> unsupported) {
    note(container.securityContext() != null, "securityContext", unsupported);
    note(!container.secretStores().isEmpty(), "secretStores", unsupported);
    note(container.imagePullCredentials() != null, "imagePullCredentials", unsupported);
    note(
        container.command().isEmpty() && !container.args().isEmpty(),
        "args without a command",
        unsupported);
    V1Spec.ResourceRequirements both = container.resourceRequirements();
    note(
        both != null && both.requests() != null && !both.requests().equals(both.limits()),
        "resource requests that differ from the limits",
        unsupported);
    note(
        hasGpu(container.resources()) || (both != null && hasGpu(both.limits())),
        "gpu",
        unsupported);
    container
        .volumeMounts()
        .forEach(
            mount ->
                note(
                    !mount.volume().equals(SandboxSpec.SCRATCH_VOLUME)
                        || !mount.mountPath().equals(SandboxSpec.WORKSPACE)
                        || mount.readOnly()
                        || !mount.subPath().isEmpty(),
                    "a volume mount other than "
                        + SandboxSpec.SCRATCH_VOLUME
                        + " at "
                        + SandboxSpec.WORKSPACE,
                    unsupported));
  }

  private static void volume(V1Spec.SandboxVolume volume, List<String> unsupported) {
    note(volume.volumeId() != null, "registered volumes", unsupported);
    note(
        !volume.name().equals(SandboxSpec.SCRATCH_VOLUME),
        "a volume other than " + SandboxSpec.SCRATCH_VOLUME,
        unsupported);
    note(
        volume.scratch() != null
            && volume.scratch().medium() == V1Spec.StorageMedium.STORAGE_MEDIUM_MEMORY,
        "volumes in memory",
        unsupported);
  }

  private static void network(V1Network.NetworkOptions network, List<String> unsupported) {
    note(!network.ingress().isEmpty(), "ingress rules", unsupported);
    network
        .egress()
        .forEach(
            rule ->
                note(
                    !Boolean.TRUE.equals(rule.any()) || !rule.ports().isEmpty(),
                    "egress rules other than any",
                    unsupported));
  }

  private static boolean hasGpu(V1Spec.Resources resources) {
    return resources != null && resources.gpu() != null && resources.gpu().count() > 0;
  }

  private static void note(boolean used, String feature, List<String> unsupported) {
    if (used && !unsupported.contains(feature)) {
      unsupported.add(feature);
    }
  }
}
