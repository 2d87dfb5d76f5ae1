package io.sandbeam.testing;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.PurgeResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Seal;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Passes every call on to another service. For tests: override what is to go wrong, and the rest
 * stays as it is. As thread-safe as the other service.
 *
 * <p>{@link #close} closes that one, too.
 */
public abstract class ForwardingSandboxService implements SandboxService {
  private final SandboxService service;

  protected ForwardingSandboxService(SandboxService service) {
    this.service = service;
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return service.create(spec, requestId);
  }

  @Override
  public CompletableFuture<Void> prepare(Optional<String> image) {
    return service.prepare(image);
  }

  @Override
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    return service.get(sandboxId);
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    return service.list(request);
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    return service.delete(request);
  }

  @Override
  public CompletableFuture<PurgeResult> purge(PurgeRequest request) {
    return service.purge(request);
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    return service.seal(job);
  }

  @Override
  public CompletableFuture<Seal> sealOf(Tag job) {
    return service.sealOf(job);
  }

  @Override
  public CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request) {
    return service.exec(sandboxId, request);
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return service.readFile(sandboxId, path);
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    return service.writeFile(sandboxId, path, content);
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return service.createSnapshot(request);
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return service.getSnapshot(snapshotId);
  }

  @Override
  public CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    return service.listSnapshots(request);
  }

  @Override
  public CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    return service.deleteSnapshot(snapshotId, missingOk);
  }

  @Override
  public ServiceDescription describe() {
    return service.describe();
  }

  @Override
  public Optional<String> idFor(RequestId requestId) {
    return service.idFor(requestId);
  }

  @Override
  public Duration throttledTime() {
    return service.throttledTime();
  }

  @Override
  public Duration longestCreate() {
    return service.longestCreate();
  }

  @Override
  public Duration longestExec(ExecRequest request) {
    return service.longestExec(request);
  }

  @Override
  public Duration longestFileCall() {
    return service.longestFileCall();
  }

  @Override
  public Duration createTimeout() {
    return service.createTimeout();
  }

  @Override
  public void close() {
    service.close();
  }
}
