package io.sandbeam.service.http;

import static java.util.concurrent.TimeUnit.MINUTES;

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
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ShowTerminated;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.ErrorMapping;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.RpcStatus;
import io.sandbeam.service.http.wire.RpcStatusJson;
import io.sandbeam.service.http.wire.SandboxMapping;
import io.sandbeam.service.http.wire.SnapshotMapping;
import io.sandbeam.service.http.wire.SpecReader;
import io.sandbeam.service.http.wire.TemplateMerge;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.service.http.wire.V1Spec;
import io.sandbeam.service.http.wire.V1Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okio.Buffer;

/**
 * Somebody else's Sandbox v1 server: strict about every body and query, and knowing nothing but
 * what is published, no header of ours either. Its sandboxes are those of another service.
 */
final class ForeignServer extends Dispatcher implements AutoCloseable {
  /** The one template it has. */
  static final String TEMPLATE = "grading";

  private static final String TEMPLATE_SPEC =
      """
      {"containers": [{"name": "app", "image": "graders:7", "resources": {"memory": "2Gi"}}],
       "network": {"egress": [{"any": true}]}, "tags": ["of-the-template"]}
      """;

  private final SandboxService service;
  private final MockWebServer server = new MockWebServer();
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();

  ForeignServer(SandboxService service) {
    this.service = service;
    server.setDispatcher(this);
    try {
      server.start();
    } catch (IOException e) {
      throw new AssertionError("a port of the loopback interface", e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() {
    server.close();
    service.close();
  }

  /** Which method a request is for; by the longest path that fits. */
  static ApiMethod method(RecordedRequest request) {
    String path = request.getUrl().encodedPath();
    for (ApiMethod method : ApiMethod.values()) {
      String id = idOf(method, path);
      boolean fits =
          method.idName().isPresent()
              ? !id.isEmpty() && !id.contains("/") && !id.contains(":")
              : path.equals(method.pathTemplate());
      if (fits && method.verb().name().equals(request.getMethod())) {
        return method;
      }
    }
    throw new AssertionError("nobody published " + request.getMethod() + " " + path);
  }

  static String idOf(ApiMethod method, String path) {
    boolean fits =
        method.idName().isPresent()
            && path.startsWith(method.pathPrefix())
            && path.endsWith(method.pathSuffix());
    return fits
        ? path.substring(method.pathPrefix().length(), path.length() - method.pathSuffix().length())
        : "";
  }

  /** Its query, if it is one that was published. */
  static Query query(ApiMethod method, HttpUrl url) {
    Map<String, List<String>> sent = new LinkedHashMap<>();
    url.queryParameterNames().forEach(name -> sent.put(name, url.queryParameterValues(name)));
    return Query.parse(method, sent);
  }

  /** Its body, if it is one that was published; null when there must be none. */
  static Record body(ApiMethod method, RecordedRequest request) {
    byte[] json = request.getBody() == null ? new byte[0] : request.getBody().toByteArray();
    if (method.body().isEmpty()) {
      if (json.length > 0) {
        throw new AssertionError(method.rpc() + " has no body");
      }
      return null;
    }
    return ProtoJson.readStrictly(json, method.body().get(), method.bodyField());
  }

  static MockResponse json(int status, byte[] body) {
    return new MockResponse.Builder()
        .code(status)
        .setHeader("Content-Type", "application/json")
        .body(new Buffer().write(body))
        .build();
  }

  /** The next request goes wrong so. */
  void next(Fault fault) {
    faults.add(fault);
  }

  /** All there were, the oldest first. */
  List<RecordedRequest> requests() {
    return requests;
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    requests.add(request);
    Fault fault = faults.poll();
    return fault == null ? serve(request) : fault.answer(() -> serve(request));
  }

  private MockResponse serve(RecordedRequest request) {
    try {
      ApiMethod method = method(request);
      String id = idOf(method, request.getUrl().encodedPath());
      Record answer = answer(method, id, query(method, request.getUrl()), body(method, request));
      return json(200, ProtoJson.write(answer));
    } catch (ExecutionException e) {
      return failure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failure(e);
    } catch (RuntimeException | TimeoutException e) {
      return failure(e);
    }
  }

  private static MockResponse failure(Throwable failure) {
    RpcStatus status = ErrorMapping.toStatus(failure);
    return json(status.code().httpStatus(), RpcStatusJson.write(status));
  }

  private Record answer(ApiMethod method, String id, Query query, Record body)
      throws ExecutionException, InterruptedException, TimeoutException {
    return switch (method) {
      case CREATE_SANDBOX -> {
        SandboxInfo info =
            get(
                service.create(
                    SpecReader.strictly(((V1.Sandbox) body).spec()),
                    new RequestId(query.string("requestId"))));
        yield SandboxMapping.toWire(info);
      }
      case GET_SANDBOX -> SandboxMapping.toWire(get(service.get(id)));
      case LIST_SANDBOXES -> {
        SandboxPage page = get(service.list(listRequest(query)));
        yield new V1.ListSandboxesResponse(
            page.sandboxes().stream().map(SandboxMapping::toWire).toList(),
            page.nextPageToken().orElse(""));
      }
      case DELETE_SANDBOX -> {
        DeleteResult result =
            get(
                service.delete(
                    new DeleteRequest(
                        id,
                        Duration.ofSeconds(query.int32("gracePeriodSeconds")),
                        query.strings("snapshotVolumes"),
                        requestId(query.string("requestId")),
                        query.bool("allowMissing") ? MissingOk.YES : MissingOk.NO)));
        yield new V1.DeleteSandboxResponse(
            result.sandbox().map(SandboxMapping::toWire).orElse(null), result.snapshotIds());
      }
      case PURGE_SANDBOXES -> purge((V1.PurgeSandboxesRequest) body);
      case EXEC -> exec(id, (V1.ExecRequest) body);
      case WRITE_FILE -> {
        V1.WriteFileRequest write = (V1.WriteFileRequest) body;
        get(service.writeFile(id, write.path(), write.content()));
        yield new V1.WriteFileResponse();
      }
      case READ_FILE -> new V1.ReadFileResponse(get(service.readFile(id, query.string("path"))));
      case CREATE_FILE_SYSTEM_SNAPSHOT -> {
        V1.CreateFileSystemSnapshotRequest take = (V1.CreateFileSystemSnapshotRequest) body;
        Snapshot snapshot =
            get(
                service.createSnapshot(
                    new SnapshotRequest(
                        id, take.scratchVolumeName(), new RequestId(take.requestId()))));
        yield SnapshotMapping.toWire(snapshot);
      }
      case GET_FILE_SYSTEM_SNAPSHOT -> SnapshotMapping.toWire(get(service.getSnapshot(id)));
      case LIST_FILE_SYSTEM_SNAPSHOTS -> {
        SnapshotPage page =
            get(
                service.listSnapshots(
                    new ListSnapshotsRequest(
                        optional(query.string("sourceSandboxId")),
                        query.int32("pageSize"),
                        optional(query.string("pageToken")))));
        yield new V1.ListFileSystemSnapshotsResponse(
            page.snapshots().stream().map(SnapshotMapping::toWire).toList(),
            page.nextPageToken().orElse(""));
      }
      case DELETE_FILE_SYSTEM_SNAPSHOT -> {
        MissingOk ok = query.bool("allowMissing") ? MissingOk.YES : MissingOk.NO;
        Snapshot deleted = get(service.deleteSnapshot(id, ok));
        yield deleted == null ? new V1.WriteFileResponse() : SnapshotMapping.toWire(deleted);
      }
      case CREATE_SANDBOX_FROM_TEMPLATE -> fromTemplate((V1.CreateSandboxFromTemplateRequest) body);
    };
  }

  private Record fromTemplate(V1.CreateSandboxFromTemplateRequest request)
      throws ExecutionException, InterruptedException, TimeoutException {
    if (!request.templateId().equals(TEMPLATE)) {
      throw new SandboxNotFoundException("template " + request.templateId());
    }
    V1Spec.SandboxSpec template =
        ProtoJson.readStrictly(
            TEMPLATE_SPEC.getBytes(StandardCharsets.UTF_8), V1Spec.SandboxSpec.class, "");
    SandboxInfo info =
        get(
            service.create(
                SpecReader.strictly(TemplateMerge.merge(template, request.overrides())),
                new RequestId(request.requestId())));
    return SandboxMapping.toWire(info);
  }

  private static ListRequest listRequest(Query query) {
    V1Status.State state = query.state("state");
    return new ListRequest(
        tags(query.strings("tags")),
        state == V1Status.State.STATE_UNSPECIFIED
            ? Optional.empty()
            : Optional.of(SandboxMapping.fromWire(state)),
        query.bool("showTerminated") ? ShowTerminated.YES : ShowTerminated.NO,
        query.int32("pageSize"),
        optional(query.string("pageToken")));
  }

  private Record purge(V1.PurgeSandboxesRequest request)
      throws ExecutionException, InterruptedException, TimeoutException {
    PurgeResult result =
        get(
            service.purge(
                new PurgeRequest(
                    tags(request.tags()),
                    request.purgeAll() ? PurgeRequest.Scope.ALL : PurgeRequest.Scope.TAGGED,
                    request.dryRun() ? DryRun.YES : DryRun.NO)));
    return new V1.PurgeSandboxesResponse(
        result.purgeCount(), result.failedSandboxIds(), result.retryableFailedSandboxIds());
  }

  private Record exec(String id, V1.ExecRequest request)
      throws ExecutionException, InterruptedException, TimeoutException {
    ExecResult result =
        get(
            service.exec(
                id,
                ExecRequest.builder(request.command())
                    .env(request.env())
                    .maxOutputBytes(request.maxOutputBytes())
                    .timeout(Duration.ofMinutes(5))
                    .build()));
    return new V1.ExecResponse(
        result.stdout(),
        result.stderr(),
        result.exitCode(),
        result.stdoutTruncated(),
        result.stderrTruncated(),
        result.stdoutBytesProduced(),
        result.stderrBytesProduced());
  }

  private static Set<Tag> tags(List<String> tags) {
    return tags.stream().map(Tag::of).collect(Collectors.toSet());
  }

  private static Optional<RequestId> requestId(String text) {
    return optional(text).map(RequestId::new);
  }

  private static Optional<String> optional(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static <T> T get(CompletableFuture<T> call)
      throws ExecutionException, InterruptedException, TimeoutException {
    return call.get(6, MINUTES);
  }
}
