package io.sandbeam.service.local;

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
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Seal;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.ShowTerminated;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The service: answers each call from this process's own sandboxes, and where those of other
 * processes are meant, too, from their records.
 */
final class LocalService implements SandboxService {
  private static final Duration SEEN_ENDING = Duration.ofSeconds(2);

  private final LocalContext context;
  private final OwnSandboxes own;
  private final OtherOwners others;
  private final Snapshots snapshots;
  private final ServiceDescription description;
  private final AutoCloseable resources;
  private volatile boolean closed;

  LocalService(
      LocalContext context,
      OwnSandboxes own,
      OtherOwners others,
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
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    return call(() -> find(sandboxId));
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    return call(
        () -> {
          others.sweepDead();
          Paging.Page<SandboxInfo> page =
              Paging.page(
                  everywhere().filter(info -> matches(info, request)),
                  SandboxInfo::id,
                  request.pageToken(),
                  SandboxId::isValid,
                  request.pageSize());
          return new SandboxPage(page.items(), page.next());
        });
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    return compose(
        () -> {
          request.snapshotVolumes().forEach(Snapshots::checkVolume);
          Optional<LocalSandbox> mine = own.find(request.sandboxId());
          if (mine.isPresent()) {
            return deleteOwn(mine.get(), request);
          }
          try {
            return CompletableFuture.completedFuture(deleteOther(request));
          } catch (SandboxNotFoundException e) {
            if (request.missingOk() == MissingOk.YES) {
              return CompletableFuture.completedFuture(
                  new DeleteResult(Optional.empty(), List.of()));
            }
            throw e;
          }
        });
  }

  private CompletableFuture<DeleteResult> deleteOwn(LocalSandbox sandbox, DeleteRequest request) {
    List<String> ids = new ArrayList<>();
    CompletableFuture<?> taken = CompletableFuture.completedFuture(null);
    if (!sandbox.info().isTerminal()) {
      for (String volume : request.snapshotVolumes()) {
        RequestId receipt = request.requestId().orElseGet(RequestId::mint);
        Snapshots.Taken one =
            snapshots.take(
                sandbox,
                new SnapshotRequest(sandbox.id(), volume, receipt),
                Snapshot.Trigger.ON_DELETE);
        ids.add(one.snapshot().id());
        taken = taken.thenCombine(one.completed(), (before, after) -> after);
      }
    } else if (request.requestId().isPresent()) {
      snapshots.receipt(request.requestId().get()).ifPresent(ids::add);
    }
    if (!ids.isEmpty() && !taken.isDone()) {
      sandbox.announceEnd();
      var unused = taken.whenComplete((snapshot, failure) -> sandbox.stop(request.grace()));
      return CompletableFuture.completedFuture(new DeleteResult(Optional.of(sandbox.info()), ids));
    }
    sandbox.stop(request.grace());
    if (!request.grace().isZero()) {
      return CompletableFuture.completedFuture(new DeleteResult(Optional.of(sandbox.info()), ids));
    }
    // A kill takes a moment only: wait for it, and the caller need not ask again.
    CompletableFuture<SandboxInfo> seen = sandbox.gone().copy();
    context.later(
        SEEN_ENDING,
        () -> {
          if (!seen.isDone()) {
            context.workers().execute(() -> seen.complete(null));
          }
        });
    return seen.thenApply(info -> new DeleteResult(Optional.of(sandbox.info()), ids));
  }

  private DeleteResult deleteOther(DeleteRequest request) throws IOException {
    OtherOwners.Found found = findOther(request.sandboxId());
    if (!request.snapshotVolumes().isEmpty()) {
      throw OwnSandboxes.ofAnotherProcess(request.sandboxId(), "take a snapshot of it");
    }
    if (!found.record().info().isTerminal()) {
      end(found, request.grace());
    }
    return new DeleteResult(Optional.of(found.shown()), List.of());
  }

  private void end(OtherOwners.Found found, Duration grace) throws IOException {
    OtherOwners.requestEnd(found, grace);
    if (!grace.isZero()) {
      context.later(grace, () -> found.record().init().ifPresent(HostProcess::kill));
    }
  }

  @Override
  public CompletableFuture<PurgeResult> purge(PurgeRequest request) {
    return call(
        () -> {
          others.sweepDead();
          ListRequest selector = ListRequest.tagged(request.tags());
          int count = 0;
          List<String> failed = new ArrayList<>();
          for (LocalSandbox sandbox : own.all()) {
            if (matches(sandbox.info(), selector)) {
              count++;
              if (request.dryRun() == DryRun.NO) {
                sandbox.stop(Duration.ZERO);
              }
            }
          }
          for (OtherOwners.Found found : others.all()) {
            if (matches(found.shown(), selector)) {
              try {
                if (request.dryRun() == DryRun.NO) {
                  end(found, Duration.ZERO);
                }
                count++;
              } catch (java.nio.file.NoSuchFileException e) {
                // It ended meanwhile, as was asked.
                count++;
              } catch (IOException e) {
                failed.add(found.record().info().id());
              }
            }
          }
          return new PurgeResult(count, failed, failed);
        });
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    SandboxService.checkJob(job);
    return call(
        () -> {
          context.seals().seal(job, Instant.now());
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
        sandbox -> {
          KeptOutput out = new KeptOutput(request.maxOutputBytes());
          KeptOutput err = new KeptOutput(request.maxOutputBytes());
          Map<String, String> env = new HashMap<>(sandbox.spec().env());
          env.putAll(request.env());
          String directory = request.cwd().orElse(sandbox.spec().workingDir());
          Job job =
              new Job(
                  (sequence, streams) ->
                      ExecScript.command(sequence, streams, directory, env, request.command()),
                  Job.input(request.stdin()),
                  request.timeout(),
                  Optional.of(out),
                  Optional.of(err),
                  Job.Kind.COMMAND);
          CompletableFuture<Ended> running = sandbox.run(job);
          CompletableFuture<ExecResult> result =
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
                          ended.leftovers()));
          return new Answer.Call<>(result, () -> sandbox.cancel(running));
        });
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return withOwn(
        sandboxId, sandbox -> Answer.Call.of(FileTransfer.read(sandbox, absolute(path))));
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    byte[] copy = content.clone();
    return withOwn(
        sandboxId, sandbox -> Answer.Call.of(FileTransfer.write(sandbox, absolute(path), copy)));
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return call(
        () -> {
          LocalSandbox sandbox = ownOrFail(request.sandboxId(), "take a snapshot of it");
          if (sandbox.isOver()
              || sandbox.info().state() != io.sandbeam.service.SandboxState.RUNNING) {
            throw sandbox.notRunning();
          }
          return snapshots.take(sandbox, request, Snapshot.Trigger.MANUAL).snapshot();
        });
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return call(() -> snapshots.get(snapshotId));
  }

  @Override
  public CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    return call(
        () -> {
          Paging.Page<Snapshot> page =
              Paging.page(
                  snapshots.all().stream()
                      .filter(
                          snapshot ->
                              request
                                  .sourceSandboxId()
                                  .map(snapshot.sourceSandboxId()::equals)
                                  .orElse(true)),
                  Snapshot::id,
                  request.pageToken(),
                  SandboxId::isValidSnapshot,
                  request.pageSize());
          return new SnapshotPage(page.items(), page.next());
        });
  }

  @Override
  public CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    return call(
        () -> {
          try {
            return snapshots.delete(snapshotId);
          } catch (io.sandbeam.service.SandboxSnapshotException e) {
            if (missingOk == MissingOk.YES
                && e.reason() == io.sandbeam.service.SandboxSnapshotException.Reason.NOT_FOUND) {
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
          "The local service could not be closed cleanly: " + e.getMessage(), e);
    }
  }

  private static boolean matches(SandboxInfo info, ListRequest request) {
    if (!info.spec().tags().containsAll(request.tags())) {
      return false;
    }
    return request
        .state()
        .map(info.state()::equals)
        .orElse(request.showTerminated() == ShowTerminated.YES || !info.isTerminal());
  }

  private Stream<SandboxInfo> everywhere() throws IOException {
    return Stream.concat(
        own.all().stream().map(LocalSandbox::info),
        others.all().stream().map(OtherOwners.Found::shown));
  }

  private SandboxInfo find(String id) throws IOException {
    Optional<LocalSandbox> mine = own.find(id);
    return mine.isPresent() ? mine.get().info() : findOther(id).shown();
  }

  private OtherOwners.Found findOther(String id) throws IOException {
    if (SandboxId.isValid(id)) {
      others.sweepDead();
      Optional<OtherOwners.Found> found = others.find(id);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new SandboxNotFoundException(id);
  }

  private LocalSandbox ownOrFail(String id, String what) throws IOException {
    Optional<LocalSandbox> mine = own.find(id);
    if (mine.isPresent()) {
      return mine.get();
    }
    OtherOwners.Found other = findOther(id);
    if (other.record().info().isTerminal()) {
      throw new io.sandbeam.service.SandboxNotRunningException(
          id, other.record().info().state(), other.record().info().stateReason());
    }
    throw OwnSandboxes.ofAnotherProcess(id, what);
  }

  private static String absolute(String path) {
    if (path == null || !path.startsWith("/") || path.equals("/") || path.indexOf('\0') >= 0) {
      throw new io.sandbeam.service.SandboxValidationException(
          "path", "Invalid path '" + path + "': it must be absolute and hold no NUL");
    }
    return path;
  }

  /** Something that waits or reads files, which a worker does. */
  private interface Blocking<T> {
    T get() throws IOException;
  }

  private <T> CompletableFuture<T> call(Blocking<T> call) {
    return compose(() -> CompletableFuture.completedFuture(call.get()));
  }

  private <T> CompletableFuture<T> compose(Blocking<CompletableFuture<T>> call) {
    return onWorker(() -> Answer.Call.of(call.get()));
  }

  private <T> CompletableFuture<T> withOwn(String id, Function<LocalSandbox, Answer.Call<T>> call) {
    return onWorker(() -> call.apply(ownOrFail(id, "run anything in it")));
  }

  private <T> CompletableFuture<T> onWorker(Blocking<Answer.Call<T>> call) {
    Answer<T> answer = new Answer<>();
    if (closed) {
      answer.completeExceptionally(
          new SandboxException("The local service is closed: open another"));
      return answer;
    }
    context
        .workers()
        .execute(
            () -> {
              if (answer.isDone()) {
                return;
              }
              try {
                Answer.Call<T> started = call.get();
                answer.completeWith(started);
              } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(Answer.asSandboxException(e));
              }
            });
    return answer;
  }
}
