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
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One client of a {@link FaultySandboxService}: records each call, then lets it go wrong or right.
 */
public final class SimulatedClient implements SandboxService {
  private final SimulatedWorld world;
  private final SimulatedLists lists;
  private final SimulatedFiles files;
  private final SimulatedCommands commands;
  private final Faults faults;
  private final CallLog log;
  private volatile boolean closed;

  private SimulatedClient(
      SimulatedWorld world,
      SimulatedLists lists,
      SimulatedFiles files,
      SimulatedCommands commands,
      Faults faults,
      CallLog log) {
    this.world = world;
    this.lists = lists;
    this.files = files;
    this.commands = commands;
    this.faults = faults;
    this.log = log;
  }

  /** The first client of a service that is new. */
  static SimulatedClient ofNewWorld(SimulatedTime time) {
    SimulatedWorld world = new SimulatedWorld(time);
    return new SimulatedClient(
        world,
        new SimulatedLists(world),
        new SimulatedFiles(world),
        new SimulatedCommands(world),
        new Faults(),
        new CallLog());
  }

  /** One more client of the same service. */
  SimulatedClient another() {
    return new SimulatedClient(world, lists, files, commands, faults, log);
  }

  SimulatedWorld world() {
    return world;
  }

  SimulatedLists lists() {
    return lists;
  }

  SimulatedCommands commands() {
    return commands;
  }

  Faults faults() {
    return faults;
  }

  CallLog log() {
    return log;
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return call(Operation.CREATE, spec, () -> world.create(spec, requestId));
  }

  @Override
  public Optional<String> idFor(RequestId requestId) {
    return world.idFor(requestId);
  }

  @Override
  public CompletableFuture<Void> prepare(Optional<String> image) {
    try {
      world.prepare(image);
      return CompletableFuture.completedFuture(null);
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    return call(Operation.GET, sandboxId, () -> world.get(sandboxId));
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    return call(Operation.LIST, request, () -> lists.page(request));
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    return call(Operation.DELETE, request, () -> world.delete(request));
  }

  @Override
  public CompletableFuture<PurgeResult> purge(PurgeRequest request) {
    return call(Operation.PURGE, request, () -> world.purge(request));
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    SandboxService.checkJob(job);
    return call(Operation.SEAL, job, () -> world.seal(job));
  }

  @Override
  public CompletableFuture<Seal> sealOf(Tag job) {
    SandboxService.checkJob(job);
    return call(Operation.SEAL_OF, job, () -> world.sealOf(job));
  }

  @Override
  public CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request) {
    return callAsync(Operation.EXEC, request, () -> commands.run(sandboxId, request));
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return call(Operation.READ_FILE, path, () -> files.read(sandboxId, path));
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    return call(
        Operation.WRITE_FILE,
        path,
        () -> {
          files.write(sandboxId, path, content);
          return null;
        });
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return call(Operation.CREATE_SNAPSHOT, request, () -> world.snapshots.create(request));
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return call(Operation.GET_SNAPSHOT, snapshotId, () -> world.snapshots.get(snapshotId));
  }

  @Override
  public CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    return call(Operation.LIST_SNAPSHOTS, request, () -> world.snapshots.list(request));
  }

  @Override
  public CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    return call(
        Operation.DELETE_SNAPSHOT, snapshotId, () -> world.snapshots.delete(snapshotId, missingOk));
  }

  @Override
  public Duration throttledTime() {
    return world.throttledTime();
  }

  @Override
  public ServiceDescription describe() {
    return FaultySandboxService.description();
  }

  /** Lets go; ends no sandbox. */
  @Override
  public void close() {
    closed = true;
  }

  private <T> CompletableFuture<T> call(Operation operation, Object argument, Supplier<T> effect) {
    return callAsync(operation, argument, () -> CompletableFuture.completedFuture(effect.get()));
  }

  private <T> CompletableFuture<T> callAsync(
      Operation operation, Object argument, Supplier<CompletableFuture<T>> effect) {
    log.add(operation, argument, world.time.now());
    if (closed) {
      return CompletableFuture.failedFuture(
          new SandboxException("This client is closed: open another one"));
    }
    Faults.Fault fault = faults.forCall(operation);
    CompletableFuture<T> answer = new CompletableFuture<>();
    world.time.after(faults.latency(operation), () -> fault.apply(world.time, effect, answer));
    return answer;
  }
}
