package io.sandbeam.service.http.wire;

import java.util.List;
import java.util.Map;

/**
 * The requests and answers of the Sandbox v1 API, with every published field. Fields that the path
 * or the query carries are not here, except those that a body may repeat.
 */
public final class V1 {
  private V1() {}

  /** A sandbox; of an input only {@code spec} is read. */
  public record Sandbox(
      String sandboxId,
      V1Spec.SandboxSpec spec,
      V1Status.SandboxStatus status,
      String sourceTemplateId,
      long sourceTemplateRevision) {

    /** The body of a create. */
    public static Sandbox of(V1Spec.SandboxSpec spec) {
      return new Sandbox("", spec, null, "", 0);
    }
  }

  public record CreateSandboxFromTemplateRequest(
      String templateId, V1Spec.PartialSandboxSpec overrides, String requestId) {}

  public record ListSandboxesResponse(List<Sandbox> sandboxes, String nextPageToken) {}

  /** {@code sandbox} is null when it was missing and that was allowed. */
  public record DeleteSandboxResponse(Sandbox sandbox, List<String> fileSystemSnapshotIds) {}

  public record PurgeSandboxesRequest(
      List<String> tags, boolean dryRun, String requestId, boolean purgeAll) {}

  public record PurgeSandboxesResponse(
      int purgeCount, List<String> failedSandboxIds, List<String> retryableFailedSandboxIds) {}

  /** {@code sandboxId} belongs in the path; a body may repeat it. */
  public record ExecRequest(
      String sandboxId,
      List<String> command,
      Map<String, String> env,
      int maxOutputBytes,
      String container) {}

  public record ExecResponse(
      byte[] stdout,
      byte[] stderr,
      int exitCode,
      boolean stdoutTruncated,
      boolean stderrTruncated,
      long stdoutBytesProduced,
      long stderrBytesProduced) {}

  /** {@code sandboxId} belongs in the path; a body may repeat it. */
  public record WriteFileRequest(String sandboxId, String path, byte[] content, String container) {}

  public record WriteFileResponse() {}

  public record ReadFileResponse(byte[] content) {}

  /** {@code sandboxId} belongs in the path; a body may repeat it. */
  public record CreateFileSystemSnapshotRequest(
      String sandboxId, String requestId, String scratchVolumeName) {}

  public record ListFileSystemSnapshotsResponse(
      List<V1Status.FileSystemSnapshot> fileSystemSnapshots, String nextPageToken) {}
}
