package io.sandbeam.service.docker;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.Paging;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.PurgeResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Seal;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.ShowTerminated;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The service: answers from this process's own sandboxes, and where those of others are meant, too,
 * from what the engine knows of their containers.
 */
final class DockerService implements SandboxService {
  private static final Duration SEEN_ENDING = Duration.ofSeconds(3);

  /** An image may have to be pulled. */
  private static final Duration LONGEST_CREATE = Duration.ofMinutes(35);

  private final Context context;
  private final OwnSandboxes own;
  private final OtherSandboxes others;
  private final Snapshots snapshots;
  private final ServiceDescription description;
  private final AutoCloseable resources;
  private volatile boolean closed;

  DockerService(
      Context context,
      OwnSandboxes own,
      OtherSandboxes others,
      Snapshots snapshots,
      ServiceDescription description,
      AutoCloseable resources) {
    this.context = context;
    this.own = own;
    this.others = others;
    this.snapshots = snapshots;
    this.description = description;
    this.resources = resources;
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return compose(() -> own.create(spec, requestId));
  }

  @Override
  public Duration longestCreate() {
    return LONGEST_CREATE;
  }

  @Override
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    return call(() -> find(sandboxId));
  }

  private SandboxInfo find(String id) {
    return own.find(id)
        .map(DockerSandbox::info)
        .or(() -> others.find(id))
        .orElseThrow(() -> new SandboxNotFoundException(id));
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    return call(
        () -> {
          Paging.Page<OtherSandboxes.Seen> page =
              Paging.page(
                  everywhere(request),
                  OtherSandboxes.Seen::id,
                  request.pageToken(),
                  OwnSandboxes::isId,
                  request.pageSize());
          List<SandboxInfo> infos = new ArrayList<>();
          for (OtherSandboxes.Seen seen : page.items()) {
            // One that ended just now is not there any more.
            own.find(seen.id())
                .map(DockerSandbox::info)
                .or(() -> others.find(seen.id()))
                .ifPresent(infos::add);
          }
          return new SandboxPage(infos, page.next());
        });
  }

  /** Ours as we know them; those of others as the engine does. */
  private Stream<OtherSandboxes.Seen> everywhere(ListRequest request) {
    List<OtherSandboxes.Seen> listed = others.list(request.tags());
    Stream<OtherSandboxes.Seen> ours =
        own.all().stream()
            .map(DockerSandbox::info)
            .filter(info -> info.spec().tags().containsAll(request.tags()))
            .map(info -> new OtherSandboxes.Seen(info.id(), info.state()));
    return Stream.concat(ours, listed.stream().filter(seen -> own.find(seen.id()).isEmpty()))
        .filter(seen -> shows(request, seen.state()));
  }

  private static boolean shows(ListRequest request, SandboxState state) {
    return request
        .state()
        .map(state::equals)
        .orElse(request.showTerminated() == ShowTerminated.YES || !state.isTerminal());
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    return compose(
        () -> {
          request.snapshotVolumes().forEach(Snapshots::checkVolume);
          Optional<DockerSandbox> mine = own.find(request.sandboxId());
          return mine.isPresent() ? deleteOwn(mine.get(), request) : deleteOther(request);
        });
  }

  private CompletableFuture<DeleteResult> deleteOwn(DockerSandbox sandbox, DeleteRequest request) {
    RequestId receipt = request.requestId().orElseGet(RequestId::mint);
    if (sandbox.isOver()) {
      List<String> taken =
          request.snapshotVolumes().isEmpty() || request.requestId().isEmpty()
              ? List.of()
              : List.of(Snapshots.idOf(receipt));
      return stop(sandbox, request.grace(), taken);
    }
    if (request.snapshotVolumes().isEmpty()) {
      return stop(sandbox, request.grace(), List.of());
    }
    CompletableFuture<Snapshot> taken =
        snapshots.take(
            sandbox,
            new SnapshotRequest(sandbox.id(), request.snapshotVolumes().get(0), receipt),
            Snapshot.Trigger.ON_DELETE);
    sandbox.announceEnd();
    // It ends also when the snapshot fails; the caller is told of that.
    CompletableFuture<DeleteResult> answer = new CompletableFuture<>();
    var unused =
        taken.whenComplete(
            (snapshot, failure) -> {
              List<String> ids = List.of(Snapshots.idOf(receipt));
              var unusedToo =
                  stop(sandbox, request.grace(), ids)
                      .whenComplete(
                          (result, notStopped) -> {
                            Throwable why = failure == null ? notStopped : failure;
                            if (why == null) {
                              answer.complete(result);
                            } else {
                              answer.completeExceptionally(why);
                            }
                          });
            });
    return answer;
  }

  private CompletableFuture<DeleteResult> stop(
      DockerSandbox sandbox, Duration grace, List<String> taken) {
    sandbox.stop(grace);
    if (!grace.isZero()) {
      return CompletableFuture.completedFuture(
          new DeleteResult(Optional.of(sandbox.info()), taken));
    }
    // A kill takes a moment only: wait for it, and the caller need not ask again.
    CompletableFuture<DeleteResult> answer = new CompletableFuture<>();
    Runnable tell = () -> answer.complete(new DeleteResult(Optional.of(sandbox.info()), taken));
    Future<?> patience = context.timer(SEEN_ENDING, () -> context.workers().execute(tell));
    var unused =
        sandbox
            .gone()
            .thenRun(
                () -> {
                  patience.cancel(false);
                  tell.run();
                });
    return answer;
  }

  private CompletableFuture<DeleteResult> deleteOther(DeleteRequest request) {
    String id = request.sandboxId();
    Optional<SandboxInfo> found = others.find(id);
    if (found.isEmpty()) {
      if (request.missingOk() == MissingOk.YES) {
        return CompletableFuture.completedFuture(new DeleteResult(Optional.empty(), List.of()));
      }
      throw new SandboxNotFoundException(id);
    }
    if (!request.snapshotVolumes().isEmpty()) {
      throw OwnSandboxes.ofAnotherProcess(id, "take a snapshot of it");
    }
    if (request.grace().isZero()) {
      context.engine().remove(id);
    } else {
      context.workers().execute(() -> stopOther(id, request.grace()));
    }
    return CompletableFuture.completedFuture(
        new DeleteResult(found.map(DockerService::ending), List.of()));
  }

  /** Its process 1 passes the TERM on; and it removes itself when that has ended. */
  private void stopOther(String id, Duration grace) {
    context.engine().stop(id, grace);
    context.engine().remove(id);
  }

  private static SandboxInfo ending(SandboxInfo info) {
    return new SandboxInfo(
        info.id(),
        info.spec(),
        SandboxState.TERMINATING,
        info.stateReason(),
        info.createTime(),
        info.startTime(),
        info.endTime(),
        info.exitCode(),
        info.effectiveMaxLifetime(),
        info.host(),
        info.limitsInForce());
  }

  @Override
  public CompletableFuture<PurgeResult> purge(PurgeRequest request) {
    return call(
        () -> {
          List<OtherSandboxes.Seen> found = everywhere(ListRequest.tagged(request.tags())).toList();
          List<String> failed = new ArrayList<>();
          if (request.dryRun() == DryRun.NO) {
            found.forEach(seen -> end(seen.id(), failed));
          }
          return new PurgeResult(found.size() - failed.size(), failed, failed);
        });
  }

  private void end(String id, List<String> failed) {
    Optional<DockerSandbox> mine = own.find(id);
    if (mine.isPresent()) {
      mine.get().stop(Duration.ZERO);
      return;
    }
    try {
      context.engine().remove(id);
    } catch (SandboxException e) {
      failed.add(id);
    }
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    SandboxService.checkJob(job);
    return call(
        () -> {
          context.seals().seal(job);
          context.seals().forgetOld();
          return Seal.SEALED;
        });
  }

  @Override
  public CompletableFuture<Seal> sealOf(Tag job) {
    SandboxService.checkJob(job);
    return call(() -> context.seals().of(job));
  }

  @Override
  public CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request) {
    return withOwn(
        sandboxId,
        (sandbox, answer) -> {
          KeptOutput out = new KeptOutput(request.maxOutputBytes());
          KeptOutput err = new KeptOutput(request.maxOutputBytes());
          Map<String, String> env = new HashMap<>(sandbox.spec().env());
          env.putAll(request.env());
          String directory = request.cwd().orElse(sandbox.spec().workingDir());
          CompletableFuture<Ended> running =
              sandbox.run(
                  new Job(
                      CommandCode.of(directory, env, request.command()),
                      request.stdin(),
                      request.timeout(),
                      Optional.of(out),
                      Optional.of(err),
                      Job.Kind.COMMAND));
          answer.follow(
              running.thenApply(
                  ended ->
                      new ExecResult(
                          request.command(),
                          ended.outcome(),
                          ended.exitCode(),
                          out.output(),
                          err.output(),
                          ended.startedAt(),
                          ended.duration(),
                          ended.leftovers())),
              () -> sandbox.cancel(running));
        });
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return withOwn(
        sandboxId,
        (sandbox, answer) ->
            answer.follow(
                FileTransfer.read(sandbox, SandboxService.checkFilePath(path)), () -> {}));
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    byte[] copy = content.clone();
    return withOwn(
        sandboxId,
        (sandbox, answer) ->
            answer.follow(
                FileTransfer.write(
                    sandbox, SandboxService.checkFilePath(path), copy, Job.Kind.COMMAND),
                () -> {}));
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return compose(
        () -> {
          DockerSandbox sandbox = ownOrFail(request.sandboxId(), "take a snapshot of it");
          if (sandbox.isOver() || sandbox.info().state() != SandboxState.RUNNING) {
            throw sandbox.notRunning();
          }
          return snapshots.take(sandbox, request, Snapshot.Trigger.MANUAL);
        });
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return call(() -> snapshots.require(snapshotId));
  }

  @Override
  public CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    return call(
        () -> {
          Stream<Snapshot> wanted =
              snapshots.all().stream()
                  .filter(
                      snapshot ->
                          request
                              .sourceSandboxId()
                              .map(snapshot.sourceSandboxId()::equals)
                              .orElse(true));
          Paging.Page<Snapshot> page =
              Paging.page(
                  wanted, Snapshot::id, request.pageToken(), Snapshots::isId, request.pageSize());
          return new SnapshotPage(page.items(), page.next());
        });
  }

  @Override
  public CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    return call(
        () -> {
          try {
            return snapshots.delete(snapshotId);
          } catch (SandboxSnapshotException e) {
            if (missingOk == MissingOk.YES
                && e.reason() == SandboxSnapshotException.Reason.NOT_FOUND) {
              return null;
            }
            throw e;
          }
        });
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
    }
    try {
      resources.close();
    } catch (Exception e) {
      throw new SandboxException(
          "The docker service could not be closed cleanly: " + e.getMessage(), e);
    }
  }

  private DockerSandbox ownOrFail(String id, String what) {
    Optional<DockerSandbox> mine = own.find(id);
    if (mine.isPresent()) {
      return mine.get();
    }
    if (others.find(id).isEmpty()) {
      throw new SandboxNotFoundException(id);
    }
    throw OwnSandboxes.ofAnotherProcess(id, what);
  }

  private <T> CompletableFuture<T> call(Supplier<T> call) {
    return onWorker(answer -> answer.complete(call.get()));
  }

  private <T> CompletableFuture<T> compose(Supplier<CompletableFuture<T>> call) {
    return onWorker(answer -> answer.follow(call.get(), () -> {}));
  }

  /** A call in a sandbox of ours. */
  private interface InSandbox<T> {
    void call(DockerSandbox sandbox, Answer<T> answer);
  }

  private <T> CompletableFuture<T> withOwn(String id, InSandbox<T> call) {
    Optional<DockerSandbox> mine = own.find(id);
    Answer<T> answer = new Answer<>();
    if (mine.isEmpty() || closed) {
      return onWorker(other -> call.call(ownOrFail(id, "run anything in it"), other));
    }
    // Nothing of it waits.
    try {
      call.call(mine.get(), answer);
    } catch (RuntimeException e) {
      answer.completeExceptionally(EngineFailure.asSandboxException(e));
    }
    return answer;
  }

  private <T> CompletableFuture<T> onWorker(Consumer<Answer<T>> call) {
    Answer<T> answer = new Answer<>();
    if (closed) {
      answer.completeExceptionally(
          new SandboxException("The docker service is closed: open another"));
      return answer;
    }
    try {
      context
          .workers()
          .execute(
              () -> {
                try {
                  if (!answer.isDone()) {
                    call.accept(answer);
                  }
                } catch (RuntimeException e) {
                  answer.completeExceptionally(EngineFailure.asSandboxException(e));
                }
              });
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          new SandboxException("The docker service is closed: open another", e));
    }
    return answer;
  }
}
