package io.sandbeam.service.http.wire;

import java.util.List;
import java.util.Map;

/** What a sandbox is to be, with every published field. */
public final class V1Spec {
  private V1Spec() {}

  public record SandboxSpec(
      List<Container> containers,
      String primaryContainer,
      List<SandboxVolume> volumes,
      List<V1Network.Service> services,
      int maxLifetimeSeconds,
      List<String> networkIds,
      ObjectStorageAccess objectStorageAccess,
      List<String> tags,
      List<String> runnerIds,
      V1Network.NetworkOptions network,
      Map<String, String> annotations,
      List<Container> initContainers,
      String instanceType,
      SandboxMode mode,
      String runtimeClass) {}

  /** As {@link SandboxSpec}; its containers need only a name. */
  public record PartialSandboxSpec(
      List<Container> containers,
      String primaryContainer,
      List<SandboxVolume> volumes,
      List<V1Network.Service> services,
      int maxLifetimeSeconds,
      List<String> networkIds,
      ObjectStorageAccess objectStorageAccess,
      List<String> tags,
      List<String> runnerIds,
      V1Network.NetworkOptions network,
      Map<String, String> annotations,
      List<Container> initContainers,
      String instanceType,
      SandboxMode mode,
      String runtimeClass) {}

  public record Container(
      String name,
      String image,
      String command,
      List<String> args,
      Map<String, String> environmentVariables,
      String workingDir,
      Resources resources,
      ResourceRequirements resourceRequirements,
      List<FileMount> files,
      List<VolumeMount> volumeMounts,
      List<SecretStoreReference> secretStores,
      SecurityContext securityContext,
      ImagePullCredentials imagePullCredentials) {}

  /** Quantities as Kubernetes writes them: {@code 500m}, {@code 4Gi}. */
  public record Resources(String cpu, String memory, Gpu gpu) {}

  public record Gpu(long count, @OneOf("selector") String type, @OneOf("selector") Long memoryGb) {}

  public record ResourceRequirements(Resources requests, Resources limits) {}

  public record SecurityContext(
      @Uint32 Long runAsUser,
      @Uint32 Long runAsGroup,
      Boolean privileged,
      Boolean allowPrivilegeEscalation,
      Boolean readOnlyRootFilesystem,
      List<String> capabilitiesAdd,
      List<String> capabilitiesDrop,
      String seccompProfile) {}

  public record FileMount(String path, byte[] content) {}

  public record SandboxVolume(
      String name, @OneOf("source") ScratchVolume scratch, @OneOf("source") String volumeId) {}

  public record ScratchVolume(String size, StorageMedium medium, String restoreFromSnapshotId) {}

  public record VolumeMount(String volume, String mountPath, boolean readOnly, String subPath) {}

  public record SecretStoreReference(String storeName, List<SecretReference> secrets) {}

  public record SecretReference(String path, String field, String envVar) {}

  public record ImagePullCredentials(String registry, CredentialsReference credentials) {}

  public record CredentialsReference(String storeName, String path, String field) {}

  public record ObjectStorageAccess(
      List<String> buckets, ObjectStoragePermission permission, String objectPrefix) {}

  /** Unspecified means serverless. */
  public enum SandboxMode {
    SANDBOX_MODE_UNSPECIFIED,
    SANDBOX_MODE_SERVERLESS,
    SANDBOX_MODE_CKS
  }

  public enum StorageMedium {
    STORAGE_MEDIUM_UNSPECIFIED,
    STORAGE_MEDIUM_DISK,
    STORAGE_MEDIUM_MEMORY
  }

  public enum ObjectStoragePermission {
    OBJECT_STORAGE_PERMISSION_UNSPECIFIED,
    OBJECT_STORAGE_PERMISSION_READ,
    OBJECT_STORAGE_PERMISSION_READ_WRITE
  }
}
