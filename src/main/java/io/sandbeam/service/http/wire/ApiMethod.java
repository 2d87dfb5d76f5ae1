package io.sandbeam.service.http.wire;

import static io.sandbeam.service.http.wire.QueryParameter.bool;
import static io.sandbeam.service.http.wire.QueryParameter.int32;
import static io.sandbeam.service.http.wire.QueryParameter.requiredString;
import static io.sandbeam.service.http.wire.QueryParameter.state;
import static io.sandbeam.service.http.wire.QueryParameter.string;
import static io.sandbeam.service.http.wire.QueryParameter.strings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The methods of the Sandbox v1 API that have an HTTP mapping: the one source for the client's
 * requests, the server's routes and the OpenAPI document.
 */
public enum ApiMethod {
  CREATE_SANDBOX(
      Verb.POST,
      "/v1/sandboxes",
      "sandbox",
      V1.Sandbox.class,
      V1.Sandbox.class,
      string("requestId")),
  CREATE_SANDBOX_FROM_TEMPLATE(
      Verb.POST,
      "/v1/sandboxes:createFromTemplate",
      "",
      V1.CreateSandboxFromTemplateRequest.class,
      V1.Sandbox.class),
  GET_SANDBOX(Verb.GET, "/v1/sandboxes/{sandboxId}", "", null, V1.Sandbox.class),
  LIST_SANDBOXES(
      Verb.GET,
      "/v1/sandboxes",
      "",
      null,
      V1.ListSandboxesResponse.class,
      int32("pageSize"),
      string("pageToken"),
      strings("tags"),
      state("state"),
      bool("showTerminated"),
      strings("runnerIds"),
      strings("volumeIds")),
  DELETE_SANDBOX(
      Verb.DELETE,
      "/v1/sandboxes/{sandboxId}",
      "",
      null,
      V1.DeleteSandboxResponse.class,
      int32("gracePeriodSeconds"),
      strings("snapshotVolumes"),
      string("requestId"),
      bool("allowMissing")),
  PURGE_SANDBOXES(
      Verb.POST,
      "/v1/sandboxes:purge",
      "",
      V1.PurgeSandboxesRequest.class,
      V1.PurgeSandboxesResponse.class),
  EXEC(
      Verb.POST, "/v1/sandboxes/{sandboxId}:exec", "", V1.ExecRequest.class, V1.ExecResponse.class),
  WRITE_FILE(
      Verb.POST,
      "/v1/sandboxes/{sandboxId}:writeFile",
      "",
      V1.WriteFileRequest.class,
      V1.WriteFileResponse.class),
  READ_FILE(
      Verb.GET,
      "/v1/sandboxes/{sandboxId}:readFile",
      "",
      null,
      V1.ReadFileResponse.class,
      requiredString("path"),
      string("container")),
  CREATE_FILE_SYSTEM_SNAPSHOT(
      Verb.POST,
      "/v1/sandboxes/{sandboxId}:snapshot",
      "",
      V1.CreateFileSystemSnapshotRequest.class,
      V1Status.FileSystemSnapshot.class),
  GET_FILE_SYSTEM_SNAPSHOT(
      Verb.GET,
      "/v1/fileSystemSnapshots/{fileSystemSnapshotId}",
      "",
      null,
      V1Status.FileSystemSnapshot.class),
  LIST_FILE_SYSTEM_SNAPSHOTS(
      Verb.GET,
      "/v1/fileSystemSnapshots",
      "",
      null,
      V1.ListFileSystemSnapshotsResponse.class,
      int32("pageSize"),
      string("pageToken"),
      string("sourceSandboxId")),
  DELETE_FILE_SYSTEM_SNAPSHOT(
      Verb.DELETE,
      "/v1/fileSystemSnapshots/{fileSystemSnapshotId}",
      "",
      null,
      V1Status.FileSystemSnapshot.class,
      bool("allowMissing"));

  /** An HTTP method. */
  public enum Verb {
    GET,
    POST,
    DELETE
  }

  private final Verb verb;
  private final String path;
  private final String bodyField;
  private final Class<? extends Record> body;
  private final Class<? extends Record> response;

  // List.of: immutable, which its type does not say.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<QueryParameter> query;

  ApiMethod(
      Verb verb,
      String path,
      String bodyField,
      Class<? extends Record> body,
      Class<? extends Record> response,
      QueryParameter... query) {
    this.verb = verb;
    this.path = path;
    this.bodyField = bodyField;
    this.body = body;
    this.response = response;
    this.query = List.of(query);
  }

  /** The published name: {@code CreateSandbox}. */
  public String rpc() {
    StringBuilder camel = new StringBuilder();
    Arrays.stream(name().split("_", -1))
        .forEach(
            word ->
                camel.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT)));
    return camel.toString();
  }

  public Verb verb() {
    return verb;
  }

  /** With the id in braces: <code>/v1/sandboxes/{sandboxId}:exec</code>. */
  public String pathTemplate() {
    return path;
  }

  /** The path before the id, or the whole path when there is none. */
  public String pathPrefix() {
    int brace = path.indexOf('{');
    return brace < 0 ? path : path.substring(0, brace);
  }

  /** What follows the id: {@code :exec}, or nothing. */
  public String pathSuffix() {
    int brace = path.indexOf('}');
    return brace < 0 ? "" : path.substring(brace + 1);
  }

  /** The name of the id in the path. */
  public Optional<String> idName() {
    int brace = path.indexOf('{');
    return brace < 0 ? Optional.empty() : Optional.of(path.substring(brace + 1, path.indexOf('}')));
  }

  /** What violations call the body: {@code sandbox} where the body is that field, else empty. */
  public String bodyField() {
    return bodyField;
  }

  /** The message of the request's body, if it has one. */
  public Optional<Class<? extends Record>> body() {
    return Optional.ofNullable(body);
  }

  public Class<? extends Record> response() {
    return response;
  }

  public List<QueryParameter> query() {
    return query;
  }
}
