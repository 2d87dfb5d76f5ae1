package io.sandbeam.service.http;

import static io.sandbeam.service.http.Repeating.Safety.ONCE;
import static io.sandbeam.service.http.Repeating.Safety.REPEATABLE;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
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
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SandboxMapping;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.service.http.wire.V1Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import okhttp3.OkHttpClient;

/** Sandboxes behind the Sandbox v1 API. */
final class HttpSandboxService implements SandboxService {
  private final HttpSettings settings;
  private final ScheduledThreadPoolExecutor scheduler;
  private final Throttle throttle = new Throttle();
  private final Transport transport;
  private final Repeating repeating;
  private final Api api;
  private final CreateMessages creates;
  private final CreateGate gate;
  private final Commands commands;
  private final FileCalls files;
  private final SnapshotCalls snapshots;
  private final SealCalls seals;
  private final PrepareCalls images;

  /** By request id: asked again while under way, a create is the same call. */
  private final Map<RequestId, Creating> creating = new ConcurrentHashMap<>();

  private record Creating(SandboxSpec spec, CompletableFuture<SandboxInfo> call) {}

  HttpSandboxService(HttpSettings settings) {
    this(settings, Connections.client(settings));
  }

  HttpSandboxService(HttpSettings settings, OkHttpClient client) {
    this.settings = settings;
    this.scheduler =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "sandbeam-http-timer");
              thread.setDaemon(true);
              return thread;
            });
    scheduler.setRemoveOnCancelPolicy(true);
    this.transport = new Transport(settings, client);
    this.repeating =
        new Repeating(scheduler, throttle, settings.retryBudget(), settings.quotaBudget());
    this.api = new Api(transport, repeating, settings.callTimeout());
    this.creates = new CreateMessages(settings, api);
    this.gate = new CreateGate(settings, scheduler, throttle, System::nanoTime);
    this.commands = new Commands(settings, transport, repeating, Execution.WAY);
    this.files = new FileCalls(api);
    this.snapshots = new SnapshotCalls(api);
    this.seals = new SealCalls(api);
    this.images = new PrepareCalls(api, scheduler, settings.callTimeout());
  }

  @Override
  public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    ApiCall call;
    try {
      call = creates.of(spec, requestId);
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    Creating mine = new Creating(spec, new CompletableFuture<>());
    Creating known = creating.putIfAbsent(requestId, mine);
    if (known != null && known.spec().equals(spec)) {
      return known.call().copy();
    }
    CompletableFuture<SandboxInfo> answer =
        gate.pass(
            requestId.value(),
            spec.maxLifetime(),
            () -> api.ask(call, REPEATABLE, V1.Sandbox.class, wire -> created(call, wire)));
    Futures.end(
        answer,
        (info, failure) -> {
          creating.remove(requestId, mine);
          Futures.pass(answer, mine.call());
        });
    return mine.call().copy();
  }

  @Override
  public CompletableFuture<Void> prepare(Optional<String> image) {
    // A template has an image of its own.
    Optional<String> named =
        image.or(() -> settings.template().isPresent() ? Optional.empty() : settings.image());
    return images.prepare(named.map(name -> settings.images().getOrDefault(name, name)));
  }

  private static SandboxInfo created(ApiCall call, V1.Sandbox wire) {
    if (wire.sandboxId().isEmpty()) {
      throw Transport.garbled(call, "it names no sandbox");
    }
    return SandboxMapping.fromWire(wire, Instant.now());
  }

  @Override
  public CompletableFuture<SandboxInfo> get(String sandboxId) {
    ApiCall call = api.call(ApiMethod.GET_SANDBOX, sandboxId);
    return seen(
        sandboxId,
        api.ask(call, REPEATABLE, V1.Sandbox.class, wire -> created(call, wire)),
        Optional::of);
  }

  @Override
  public CompletableFuture<SandboxPage> list(ListRequest request) {
    Query.Builder query =
        Query.of(ApiMethod.LIST_SANDBOXES)
            .add("pageSize", request.pageSize())
            .add("pageToken", request.pageToken().orElse(""))
            .addAll("tags", request.tags().stream().map(Tag::value).toList())
            .add("showTerminated", request.showTerminated() == ShowTerminated.YES);
    request
        .state()
        .map(SandboxMapping::toWire)
        .filter(state -> state != V1Status.State.STATE_UNSPECIFIED)
        .ifPresent(state -> query.add("state", state.name()));
    ApiCall call = api.call(ApiMethod.LIST_SANDBOXES, "").withQuery(query.build());
    return api.ask(
        call,
        REPEATABLE,
        V1.ListSandboxesResponse.class,
        page -> {
          Instant now = Instant.now();
          List<SandboxInfo> sandboxes =
              page.sandboxes().stream()
                  .filter(wire -> !wire.sandboxId().isEmpty())
                  .map(wire -> SandboxMapping.fromWire(wire, now))
                  .toList();
          sandboxes.forEach(gate::found);
          return new SandboxPage(
              sandboxes, Api.next(call, request.pageToken(), page.nextPageToken()));
        });
  }

  @Override
  public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    boolean missingOk = request.missingOk() == MissingOk.YES;
    boolean snapshots = !request.snapshotVolumes().isEmpty();
    Query.Builder query =
        Query.of(ApiMethod.DELETE_SANDBOX)
            .add("gracePeriodSeconds", seconds(request.grace()))
            .addAll("snapshotVolumes", request.snapshotVolumes())
            // A service may refuse it beside snapshots; then absence is read from its error.
            .add("allowMissing", missingOk && !snapshots);
    if (snapshots) {
      request.requestId().ifPresent(id -> query.add("requestId", id.value()));
    }
    ApiCall call = api.call(ApiMethod.DELETE_SANDBOX, request.sandboxId()).withQuery(query.build());
    boolean receipt = snapshots && request.requestId().isPresent();
    boolean repeatable = snapshots ? receipt : missingOk;
    CompletableFuture<DeleteResult> deleted =
        api.ask(
            call,
            repeatable ? REPEATABLE : ONCE,
            V1.DeleteSandboxResponse.class,
            wire ->
                new DeleteResult(
                    Optional.ofNullable(wire.sandbox())
                        .filter(sandbox -> !sandbox.sandboxId().isEmpty())
                        .map(sandbox -> SandboxMapping.fromWire(sandbox, Instant.now())),
                    wire.fileSystemSnapshotIds()));
    CompletableFuture<DeleteResult> seen =
        seen(request.sandboxId(), deleted, DeleteResult::sandbox);
    return missingOk
        ? Api.absent(
            seen,
            SandboxNotFoundException.class::isInstance,
            new DeleteResult(Optional.empty(), List.of()))
        : seen;
  }

  @Override
  public CompletableFuture<PurgeResult> purge(PurgeRequest request) {
    ApiCall call =
        api.call(ApiMethod.PURGE_SANDBOXES, "")
            .withBody(
                new V1.PurgeSandboxesRequest(
                    request.tags().stream().map(Tag::value).toList(),
                    request.dryRun() == DryRun.YES,
                    "",
                    request.scope() != PurgeRequest.Scope.TAGGED));
    return api.ask(
        call,
        REPEATABLE,
        V1.PurgeSandboxesResponse.class,
        wire ->
            new PurgeResult(
                wire.purgeCount(), wire.failedSandboxIds(), wire.retryableFailedSandboxIds()));
  }

  @Override
  public CompletableFuture<Seal> seal(Tag job) {
    return seals.seal(SandboxService.checkJob(job));
  }

  @Override
  public CompletableFuture<Seal> sealOf(Tag job) {
    return seals.sealOf(SandboxService.checkJob(job));
  }

  @Override
  public CompletableFuture<ExecResult> exec(String sandboxId, ExecRequest request) {
    return commands.exec(sandboxId, request);
  }

  @Override
  public CompletableFuture<byte[]> readFile(String sandboxId, String path) {
    return files.read(sandboxId, path);
  }

  @Override
  public CompletableFuture<Void> writeFile(String sandboxId, String path, byte[] content) {
    return files.write(sandboxId, path, content);
  }

  @Override
  public CompletableFuture<Snapshot> createSnapshot(SnapshotRequest request) {
    return snapshots.createSnapshot(request);
  }

  @Override
  public CompletableFuture<Snapshot> getSnapshot(String snapshotId) {
    return snapshots.getSnapshot(snapshotId);
  }

  @Override
  public CompletableFuture<SnapshotPage> listSnapshots(ListSnapshotsRequest request) {
    return snapshots.listSnapshots(request);
  }

  @Override
  public CompletableFuture<Snapshot> deleteSnapshot(String snapshotId, MissingOk missingOk) {
    return snapshots.deleteSnapshot(snapshotId, missingOk);
  }

  @Override
  public ServiceDescription describe() {
    return new ServiceDescription(
        "http " + settings.baseUrl().host(),
        Set.of(settings.baseUrl().host() + ":" + settings.baseUrl().port()),
        Map.of(
            "api",
            "Sandbox v1 at " + settings.baseUrl(),
            "commands at once",
            Integer.toString(settings.concurrency()),
            "isolation",
            "the service's own"));
  }

  @Override
  public Duration throttledTime() {
    return throttle.total();
  }

  @Override
  public Duration longestCreate() {
    return gate.longestWait().plus(settings.longestRepeating()).plus(settings.callTimeout());
  }

  @Override
  public Duration longestExec(ExecRequest request) {
    return commands.longest(request);
  }

  @Override
  public Duration longestFileCall() {
    return FileCalls.DEADLINE.plus(settings.longestRepeating());
  }

  @Override
  public Duration createTimeout() {
    return settings.callTimeout();
  }

  /** Lets go of the connections; the sandboxes are the service's, and stay. */
  @Override
  public void close() {
    gate.close();
    images.close();
    transport.close();
    scheduler.shutdownNow();
    repeating.close();
  }

  Transport transport() {
    return transport;
  }

  /** Tells the gate of a sandbox that has ended or is gone. */
  private <T> CompletableFuture<T> seen(
      String id, CompletableFuture<T> call, Function<T, Optional<SandboxInfo>> sandbox) {
    Futures.end(
        call,
        (value, failure) -> {
          boolean gone =
              failure == null
                  ? sandbox.apply(value).map(SandboxInfo::isTerminal).orElse(true)
                  : failure instanceof SandboxNotFoundException;
          if (gone) {
            gate.ended(id);
          }
        });
    return call;
  }

  private static int seconds(Duration grace) {
    return (int) Math.min(Integer.MAX_VALUE, (grace.toMillis() + 999) / 1000);
  }
}
