package io.sandbeam.service.local;

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
import io.sandbeam.service.SandboxException;
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
import io.sandbeam.service.leased.CallFailures;
import io.sandbeam.service.leased.Calls;
import io.sandbeam.service.leased.CommandCall;
import io.sandbeam.service.leased.Job;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * The service: answers each call from this process's own sandboxes, and where those of other
 * processes are meant, too, from their records.
 */
final class LocalService implements SandboxService {
  static final CallFailures FAILURES = new CallFailures("local");

  private final LocalContext context;
  private final OwnSandboxes own;
  private final AllSandboxes all;
  private final Deletion deletion;
  private final Snapshots snapshots;
  private final ServiceDescription description;
  private final Belongings belongings;
  private final Calls calls;
  private boolean closed;

  LocalService(
      LocalContext context,
      OwnSandboxes own,
      OtherOwners others,
      Snapshots snapshots,
      ServiceDescription description,
      Belongings belongings) {
    this.context = context;
    this.own = own;
    this.all = new AllSandboxes(own, others);
    this.deletion = new Deletion(context, own, others, all, snapshots);
    this.snapshots = snapshots;
    this.description = description;
    this.belongings = belongings;
    this.calls = new Calls(FAILURES, context.workers());
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return calls.compose(() -> own.create(spec, requestId));
  }

  @Override
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    return calls.call(() -> all.get(sandboxId));
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    return calls.call(() -> all.list(request));
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    return calls.compose(() -> deletion.delete(request));
  }

  @Override
  public CompletableFuture<PurgeResult> purge(PurgeRequest request) {
    return calls.call(() -> deletion.purge(request));
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    SandboxService.checkJob(job);
    return calls.call(
        () -> {
          context.seals().seal(job, Instant.now());
          return Seal.SEALED;
        });
  }

  @Override
  public CompletableFuture<Seal> sealOf(Tag job) {
    SandboxService.checkJob(job);
    return calls.call(() -> context.seals().of(job));
  }

  @Override
  public CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request) {
    return calls.start(
        () ->
            new CommandCall(request, ExecScript.SHELL)
                .start(all.ownOrFail(sandboxId, "run anything in it")));
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return calls.compose(
        () -> {
          SandboxService.checkFilePath(path);
          return FilePrograms.FILES.read(all.ownOrFail(sandboxId, "read its files"), path);
        });
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    byte[] copy = content.clone();
    return calls.compose(
        () -> {
          SandboxService.checkFilePath(path);
          return FilePrograms.FILES.write(
              all.ownOrFail(sandboxId, "write its files"), path, copy, Job.Kind.COMMAND);
        });
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return calls.call(
        () -> {
          LocalSandbox sandbox = all.ownOrFail(request.sandboxId(), "take a snapshot of it");
          sandbox.requireRunning();
          return snapshots.take(sandbox, request, Snapshot.Trigger.MANUAL).snapshot();
        });
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return calls.call(() -> snapshots.get(snapshotId));
  }

  @Override
  public CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    return calls.call(() -> snapshots.list(request));
  }

  @Override
  public CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    return calls.call(() -> snapshots.delete(snapshotId, missingOk));
  }

  @Override
  public ServiceDescription describe() {
    return description;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      own.closeAll();
      closed = true;
      calls.close();
    }
    try {
      belongings.close();
    } catch (IOException e) {
      throw new SandboxException(
          "The local service could not be closed cleanly: " + e.getMessage(), e);
    }
  }
}
