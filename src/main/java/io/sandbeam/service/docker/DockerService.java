package io.sandbeam.service.docker;

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
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Seal;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import io.sandbeam.service.leased.Calls;
import io.sandbeam.service.leased.CommandCall;
import io.sandbeam.service.leased.Job;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The service: answers from this process's own sandboxes, and where those of others are meant, too,
 * from what the engine knows of their containers.
 */
final class DockerService implements SandboxService {
  /** An image may have to be pulled. */
  private static final Duration LONGEST_CREATE = Duration.ofMinutes(35);

  private final Context context;
  private final OwnSandboxes own;
  private final AllSandboxes all;
  private final Deletion deletion;
  private final Snapshots snapshots;
  private final ServiceDescription description;
  private final AutoCloseable resources;
  private final Calls calls;
  private boolean closed;

  DockerService(
      Context context,
      OwnSandboxes own,
      OtherSandboxes others,
      Snapshots snapshots,
      ServiceDescription description,
      AutoCloseable resources) {
    this.context = context;
    this.own = own;
    this.all = new AllSandboxes(own, others);
    this.deletion = new Deletion(context, own, others, all, snapshots);
    this.snapshots = snapshots;
    this.description = description;
    this.resources = resources;
    this.calls = new Calls(EngineFailure.CALLS, context.workers());
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return calls.compose(() -> own.create(spec, requestId));
  }

  @Override
  public Optional<String> idFor(RequestId requestId) {
    return Optional.of(OwnSandboxes.idOf(requestId));
  }

  @Override
  public CompletableFuture<Void> prepare(Optional<String> image) {
    return calls.compose(() -> own.prepare(image));
  }

  @Override
  public Duration longestCreate() {
    return LONGEST_CREATE;
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
          context.seals().seal(job);
          context.seals().forgetOld();
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
    return withOwn(
        sandboxId, "run anything in it", new CommandCall(request, CommandWriter.SHELL)::start);
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return withOwn(
        sandboxId,
        "read its files",
        sandbox ->
            Calls.Work.of(FilePrograms.FILES.read(sandbox, SandboxService.checkFilePath(path))));
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    byte[] copy = content.clone();
    return withOwn(
        sandboxId,
        "write its files",
        sandbox ->
            Calls.Work.of(
                FilePrograms.FILES.write(
                    sandbox, SandboxService.checkFilePath(path), copy, Job.Kind.COMMAND)));
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return calls.compose(
        () -> {
          DockerSandbox sandbox = all.ownOrFail(request.sandboxId(), "take a snapshot of it");
          if (sandbox.isOver() || sandbox.info().state() != SandboxState.RUNNING) {
            throw sandbox.notRunning();
          }
          return snapshots.take(sandbox, request, Snapshot.Trigger.MANUAL);
        });
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return calls.call(() -> snapshots.require(snapshotId));
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
      resources.close();
    } catch (Exception e) {
      throw new SandboxException(
          "The docker service could not be closed cleanly: " + e.getMessage(), e);
    }
  }

  /** A call in a sandbox of ours, of which nothing waits; whose else it is, the engine is asked. */
  private <T> CompletableFuture<T> withOwn(
      String id, String what, Function<DockerSandbox, Calls.Work<T>> call) {
    Optional<DockerSandbox> mine = own.find(id);
    return mine.isPresent()
        ? calls.now(() -> call.apply(mine.get()))
        : calls.start(() -> call.apply(all.ownOrFail(id, what)));
  }
}
