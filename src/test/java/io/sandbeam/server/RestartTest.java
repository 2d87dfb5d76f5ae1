package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server knew, the next one knows. */
class RestartTest {
  @TempDir Path folder;

  /** A server in a process of its own; prints its address and serves until it is killed. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      SandbeamServer server =
          SandbeamServer.builder(FaultySandboxService.inMemory())
              .bind("127.0.0.1", 0)
              .state(Path.of(args[0]))
              .start();
      System.out.println(server.uri());
      // Its parent never writes: it waits for the end of the pipe, or for SIGKILL.
      int end = System.in.read();
      System.exit(end);
    }
  }

  @Test
  void givenAKilledServer_thenTheNextOneKnowsItsSandboxesAndThatNoneIsAlive() throws Exception {
    Path state = folder.resolve("state");
    String secret = "s3cr3t-value";
    String spec =
        TestServer.CREATE.replace(
            "\"image\"", "\"environmentVariables\": {\"KEY\": \"" + secret + "\"}, \"image\"");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                state.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String id;
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
      URI address = URI.create(out.readLine());
      HttpClient client = HttpClient.newHttpClient();
      HttpResponse<String> created =
          client.send(
              HttpRequest.newBuilder(address.resolve("/v1/sandboxes?requestId=r"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(spec))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      id = TestServer.JSON.readTree(created.body()).get("sandboxId").asText();
    } finally {
      // SIGKILL: no hook, no close, no last word.
      child.destroyForcibly().waitFor();
    }
    assertThat(
        "no secret at rest",
        Files.readString(state.resolve("sandboxes.jsonl")),
        not(containsString(secret)));
    try (TestServer next = TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
      JsonNode record = next.get("/v1/sandboxes/" + id).expect(200).json();
      assertThat(record.at("/status/state").asText(), is("STATE_FAILED"));
      assertThat(record.at("/status/stateReason").asText(), containsString("stopped"));
      assertThat(record.at("/status/endTime").isMissingNode(), is(false));
      assertThat(record.at("/spec/tags/0").asText(), is("batch-42"));
      assertThat(next.post("/v1/sandboxes?requestId=r", spec).expect(200).id(), is(id));
      assertThat(
          next.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(400).reason(),
          is("CWSANDBOX_SANDBOX_NOT_RUNNING"));
      next.delete("/v1/sandboxes/" + id).expect(200);
    }
  }

  @Test
  void givenAServiceWhoseSandboxesLiveOn_thenTheNextServerFindsThemWithTheirOwners()
      throws IOException {
    Path tokens = folder.resolve("tokens");
    Path state = folder.resolve("state");
    String snapshot;
    try (TestServer first = TestServer.withTokens(tokens, b -> b.state(state), "alice", "bob")) {
      String id = first.create("alice", "a");
      snapshot =
          first
              .call("alice", "POST", "/v1/sandboxes/" + id + ":snapshot", "{}")
              .expect(200)
              .json()
              .get("fileSystemSnapshotId")
              .asText();
      // What a kill leaves: the journal as it is at this moment, and the sandboxes.
      Path left = Files.createDirectory(folder.resolve("left"));
      Files.copy(state.resolve("sandboxes.jsonl"), left.resolve("sandboxes.jsonl"));
      Files.writeString(
          left.resolve("sandboxes.jsonl"),
          "{\"number\": 7, \"own",
          java.nio.file.StandardOpenOption.APPEND);
      try (SandbeamServer second =
          SandbeamServer.builder(first.service.client())
              .bind("127.0.0.1", 0)
              .tokens(tokens)
              .state(left)
              .start()) {
        assertThat(list(second, first.token("alice")), contains(id));
        assertThat(list(second, first.token("bob")).size(), is(0));
        assertThat(
            get(second, first.token("alice"), "/v1/fileSystemSnapshots/" + snapshot).statusCode(),
            is(200));
        assertThat(
            get(second, first.token("bob"), "/v1/fileSystemSnapshots/" + snapshot).statusCode(),
            is(404));
      }
      assertThat("the second server ended what it found", first.service.live().size(), is(0));
    }
  }

  @Test
  void givenALostStateFolder_thenTheOwnersAreKnownByTheTagsOfTheSandboxes() {
    Path tokens = folder.resolve("tokens");
    try (TestServer first = TestServer.withTokens(tokens, b -> b, "alice", "bob")) {
      String id = first.create("alice", "a");
      try (SandbeamServer second =
          SandbeamServer.builder(first.service.client())
              .bind("127.0.0.1", 0)
              .tokens(tokens)
              .start()) {
        assertThat(get(second, first.token("alice"), "/v1/sandboxes/" + id).statusCode(), is(200));
        assertThat(get(second, first.token("bob"), "/v1/sandboxes/" + id).statusCode(), is(404));
      }
      assertThat("it is not the second's to end", first.service.live().size(), is(1));
    }
  }

  @Test
  void givenAStateFolderInUse_thenASecondServerRefusesIt() {
    Path state = folder.resolve("state");
    try (TestServer first = TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state));
        FaultySandboxService other = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder second =
          SandbeamServer.builder(other).bind("127.0.0.1", 0).state(state);
      SandboxException refusal = assertThrows(SandboxException.class, second::start);
      assertThat(refusal.getMessage(), containsString("Another server holds"));
      first.get("/healthz").expect(200);
    }
  }

  @Test
  void givenAStateFolderThatCannotBeWritten_thenTheServerDoesNotStartAndForgetsNothing()
      throws IOException {
    Path state = folder.resolve("state");
    // In the way of the journal's next version; a mode would not keep root out.
    Path obstacle = Files.createDirectories(state.resolve("sandboxes.jsonl.new/full"));
    try (FaultySandboxService service = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder server =
          SandbeamServer.builder(service.client()).bind("127.0.0.1", 0).state(state);
      SandboxException refusal = assertThrows(SandboxException.class, server::start);
      assertThat(refusal.getMessage(), containsString("'" + state + "'"));
      assertThat(refusal.getMessage(), containsString("--state="));

      Files.delete(obstacle);
      try (SandbeamServer mended = server.start()) {
        assertThat(
            "the one whose sandboxes are its own",
            Files.readString(state.resolve("sandboxes.jsonl")),
            containsString("\"server\""));
        assertThat(get(mended, "", "/healthz").statusCode(), is(200));
      }
    }
  }

  @Test
  void givenRecordsPastTheirRetention_thenTheyAreForgotten() {
    Path state = folder.resolve("state");
    String id;
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
      id = server.create("", "a");
    }
    Limits brief = Limits.DEFAULT.withRetention(Duration.ofMillis(1));
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state).limits(brief))) {
      assertThat(
          server.get("/v1/sandboxes/" + id).expect(404).reason(),
          is("CWSANDBOX_SANDBOX_NOT_FOUND"));
      assertThat(
          server.delete("/v1/sandboxes/" + id + "?allowMissing=true").expect(200).body(), is("{}"));
    }
  }

  private static List<String> list(SandbeamServer server, String token) throws IOException {
    JsonNode json = TestServer.JSON.readTree(get(server, token, "/v1/sandboxes").body());
    List<String> ids = new java.util.ArrayList<>();
    json.path("sandboxes").forEach(s -> ids.add(s.get("sandboxId").asText()));
    return ids;
  }

  private static HttpResponse<String> get(SandbeamServer server, String token, String path) {
    return HttpClient.newHttpClient()
        .sendAsync(
            HttpRequest.newBuilder(server.uri().resolve(path))
                .header("Authorization", "Bearer " + token)
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .join();
  }
}
