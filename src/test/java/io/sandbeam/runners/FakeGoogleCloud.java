package io.sandbeam.runners;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * What a launcher sees of Google Cloud when it submits a Dataflow job, on loopback: a bucket that
 * takes uploads, and jobs that end when the test says so. No job is run.
 */
final class FakeGoogleCloud implements AutoCloseable {
  private static final Pattern JOBS =
      Pattern.compile("/v1b3/projects/[^/]+/locations/[^/]+/jobs(?:/([^/]+))?(?:/(\\w+))?");
  private static final Pattern UPLOAD = Pattern.compile("(?:^|&)name=([^&]+)");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final Map<String, ByteArrayOutputStream> objects = new ConcurrentHashMap<>();
  private final List<String> submitted = new CopyOnWriteArrayList<>();
  private final List<String> updates = new CopyOnWriteArrayList<>();
  private final List<String> unknown = new CopyOnWriteArrayList<>();
  private volatile String state = "JOB_STATE_RUNNING";

  private FakeGoogleCloud(HttpServer server) {
    this.server = server;
  }

  static FakeGoogleCloud start() throws IOException {
    FakeGoogleCloud cloud =
        new FakeGoogleCloud(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    cloud.server.createContext("/", cloud::handle);
    cloud.server.setExecutor(cloud.threads);
    cloud.server.start();
    return cloud;
  }

  /** What directs a launcher here. */
  String options() {
    String root = root();
    return " --runner=DataflowRunner --project=some-project --region=us-central1"
        + " --gcpTempLocation=gs://bucket/temp --stagingLocation=gs://bucket/staging"
        + (" --apiRootUrl=" + root + "/ --dataflowEndpoint= --gcsEndpoint=" + root + "/storage/v1/")
        + " --credentialFactoryClass=org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory";
  }

  private String root() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on jobs are in this state. */
  void jobsAre(String newState) {
    state = newState;
  }

  /** The bodies of the jobs that were submitted. */
  List<String> submitted() {
    return submitted;
  }

  /** The bodies of changes to jobs: cancels. */
  List<String> updates() {
    return updates;
  }

  /** Names of the uploaded objects. */
  List<String> objects() {
    return objects.keySet().stream().sorted().toList();
  }

  /** An object's content; Latin-1, so that text in it can be looked for. */
  String object(String name) {
    return objects.get(name).toString(StandardCharsets.ISO_8859_1);
  }

  /** Calls that the fake does not know. */
  List<String> unknown() {
    return unknown;
  }

  private void handle(HttpExchange call) throws IOException {
    try (call) {
      String path = call.getRequestURI().getPath();
      Matcher jobs = JOBS.matcher(path);
      if (jobs.matches()) {
        jobs(call, jobs.group(1), jobs.group(2));
      } else if (path.startsWith("/upload/")) {
        upload(call);
      } else if (path.startsWith("/storage/v1/b/bucket/o/")) {
        answer(call, 404, error(404));
      } else if (path.equals("/storage/v1/b/bucket")) {
        answer(call, 200, "{\"name\":\"bucket\",\"location\":\"US\",\"projectNumber\":\"1\"}");
      } else if (path.equals("/storage/v1/b/bucket/o")) {
        answer(call, 200, "{\"items\":[]}");
      } else {
        unknown.add(call.getRequestMethod() + " " + call.getRequestURI());
        answer(call, 404, error(404));
      }
    }
  }

  private void jobs(HttpExchange call, String id, String part) throws IOException {
    if (id == null) {
      submitted.add(text(call));
    } else if (call.getRequestMethod().equals("PUT")) {
      updates.add(text(call));
      state = "JOB_STATE_CANCELLED";
    }
    if (part != null) {
      answer(call, 200, "{}");
      return;
    }
    answer(
        call,
        200,
        "{\"id\":\"job-1\",\"projectId\":\"some-project\",\"location\":\"us-central1\",\"currentState\":\""
            + state
            + "\"}");
  }

  /** A resumable upload: opened by a POST, filled by one or more PUTs. */
  private void upload(HttpExchange call) throws IOException {
    String query = call.getRequestURI().getRawQuery();
    if (call.getRequestMethod().equals("POST")) {
      Matcher named = UPLOAD.matcher(query == null ? "" : query);
      String name =
          named.find()
              ? named.group(1)
              : text(call).replaceAll("(?s).*\"name\":\"([^\"]+)\".*", "$1");
      call.getResponseHeaders()
          .set(
              "Location",
              root() + "/upload/storage/v1/b/bucket/o?uploadType=resumable&name=" + name);
      answer(call, 200, "");
      return;
    }
    Matcher named = UPLOAD.matcher(query);
    if (!named.find()) {
      throw new IOException("an upload without a name: " + query);
    }
    String name = URLDecoder.decode(named.group(1), StandardCharsets.UTF_8);
    byte[] part = body(call);
    ByteArrayOutputStream whole = objects.computeIfAbsent(name, n -> new ByteArrayOutputStream());
    whole.write(part);
    String range = call.getRequestHeaders().getFirst("Content-Range");
    if (range != null && range.endsWith("/*")) {
      call.getResponseHeaders().set("Range", "bytes=0-" + (whole.size() - 1));
      answer(call, 308, "");
    } else {
      answer(
          call,
          200,
          "{\"name\":\""
              + name
              + "\",\"bucket\":\"bucket\",\"generation\":\"1\",\"metageneration\":\"1\",\"size\":\""
              + whole.size()
              + "\",\"updated\":\"2026-01-01T00:00:00Z\",\"timeCreated\":\"2026-01-01T00:00:00Z\"}");
    }
  }

  private static String error(int code) {
    return "{\"error\":{\"code\":" + code + ",\"message\":\"Not Found\"}}";
  }

  private static String text(HttpExchange call) throws IOException {
    return new String(body(call), StandardCharsets.UTF_8);
  }

  private static byte[] body(HttpExchange call) throws IOException {
    byte[] body = call.getRequestBody().readAllBytes();
    if ("gzip".equals(call.getRequestHeaders().getFirst("Content-Encoding"))) {
      return new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
    }
    return body;
  }

  private static void answer(HttpExchange call, int status, String body) throws IOException {
    call.getRequestBody().readAllBytes();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    call.getResponseHeaders().set("Content-Type", "application/json");
    call.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    call.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
