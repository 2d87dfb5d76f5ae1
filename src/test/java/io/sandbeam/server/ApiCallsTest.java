package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.http.wire.ExecHeaders;
import io.sandbeam.testing.FaultySandboxService;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every method of the API, called as a client calls it. */
class ApiCallsTest {
  private final TestServer server = TestServer.open();

  @AfterEach
  void nothingIsLeft() {
    server.close();
  }

  @Test
  void givenASpec_thenTheSandboxIsCreatedAndShownWithAllOfIt() {
    TestServer.Answer created = server.post("/v1/sandboxes", TestServer.CREATE).expect(200);
    JsonNode got = server.get("/v1/sandboxes/" + created.id()).expect(200).json();
    assertThat(got.at("/sandboxId").asText(), is(created.id()));
    assertThat(got.at("/spec/containers/0/image").asText(), is("python:3.11"));
    assertThat(texts(got.at("/spec/tags")), contains("batch-42"));
    assertThat(got.at("/status/state").asText(), is("STATE_RUNNING"));
    assertThat(got.at("/status/effectiveMaxLifetimeSeconds").asInt(), is(600));
  }

  @Test
  void givenNoTags_thenTheSandboxIsCreatedAndShowsNone() {
    String body = "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"a\"}]}}";
    JsonNode created = server.post("/v1/sandboxes", body).expect(200).json();
    assertThat(texts(created.at("/spec/tags")), is(empty()));
  }

  @Test
  void givenACommand_thenItsOutputAndExitCodeAreTheAnswer() {
    String id = server.create("", "a");
    JsonNode result =
        server
            .post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"echo\", \"hi\"]}")
            .expect(200)
            .json();
    assertThat(decoded(result.get("stdout")), is("hi\n"));
    assertThat(result.get("stdoutBytesProduced").asText(), is("3"));
    assertThat("exit code 0 is left out", result.has("exitCode"), is(false));
  }

  @Test
  void givenAnEncodedColon_thenTheVerbIsFound() {
    String id = server.create("", "a");
    server.post("/v1/sandboxes/" + id + "%3Aexec", "{\"command\": [\"echo\"]}").expect(200);
  }

  @Test
  void givenAFile_thenItIsReadBackAsWritten() {
    String id = server.create("", "a");
    server
        .post(
            "/v1/sandboxes/" + id + ":writeFile", "{\"path\": \"/w/a\", \"content\": \"aGVsbG8K\"}")
        .expect(200);
    JsonNode read =
        server.get("/v1/sandboxes/" + id + ":readFile?path=%2Fw%2Fa").expect(200).json();
    assertThat(read.get("content").asText(), is("aGVsbG8K"));
    assertThat(
        server.get("/v1/sandboxes/" + id + ":readFile?path=/w/a").expect(200).body(),
        is(read.toString()));
  }

  @Test
  void givenNoSuchFile_thenTheReasonSaysSo() {
    String id = server.create("", "a");
    TestServer.Answer answer =
        server.get("/v1/sandboxes/" + id + ":readFile?path=/none").expect(404);
    assertThat(answer.reason(), is("CWSANDBOX_FILE_NOT_FOUND"));
  }

  @Test
  void givenADelete_thenTheSandboxIsTerminalAndItsRecordStays() {
    String id = server.create("", "a");
    server.delete("/v1/sandboxes/" + id + "?gracePeriodSeconds=1").expect(200);
    assertThat(
        server.get("/v1/sandboxes/" + id).expect(200).json().at("/status/state").asText(),
        is("STATE_TERMINATED"));
    server.delete("/v1/sandboxes/" + id).expect(200);
    server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(400);
  }

  @Test
  void givenAnAbsentSandbox_thenDeleteIsNotFoundUnlessMissingIsAllowed() {
    String absent = "/v1/sandboxes/0b6f4b0e-2f53-4a53-9d2c-0a1f6f0c9d11";
    TestServer.Answer answer = server.delete(absent).expect(404);
    assertThat(answer.reason(), is("CWSANDBOX_SANDBOX_NOT_FOUND"));
    assertThat(answer.code(), is(5));
    assertThat(server.delete(absent + "?allowMissing=true").expect(200).body(), is("{}"));
  }

  @Test
  void givenTags_thenPurgeCountsOnADryRunAndEndsOtherwise() {
    server.create("", "batch-42", "x");
    server.create("", "batch-42");
    server.create("", "other");
    String dry = "{\"tags\": [\"batch-42\"], \"dryRun\": true}";
    assertThat(purgeCount(server.post("/v1/sandboxes:purge", dry)), is(2));
    assertThat(server.service.live().size(), is(3));
    assertThat(purgeCount(server.post("/v1/sandboxes:purge", "{\"tags\": [\"batch-42\"]}")), is(2));
    assertThat(server.service.live().size(), is(1));
    assertThat(purgeCount(server.post("/v1/sandboxes:purge", "{\"purgeAll\": true}")), is(1));
  }

  @Test
  void givenBothSelectorsOrNone_thenPurgeIsRefused() {
    assertThat(server.post("/v1/sandboxes:purge", "{}").expect(400).violation(), is("tags"));
    server.post("/v1/sandboxes:purge", "{\"tags\": [\"a\"], \"purgeAll\": true}").expect(400);
    TestServer.Answer reserved =
        server.post("/v1/sandboxes:purge", "{\"tags\": [\"a\"], \"requestId\": \"r\"}").expect(501);
    assertThat(reserved.code(), is(12));
  }

  @Test
  void givenSnapshots_thenTheyAreTakenListedRestoredAndDeleted() {
    String id = server.create("", "a");
    server
        .post(
            "/v1/sandboxes/" + id + ":writeFile",
            "{\"path\": \"/workspace/a\", \"content\": \"aGk=\"}")
        .expect(200);
    JsonNode snapshot =
        server
            .post(
                "/v1/sandboxes/" + id + ":snapshot",
                "{\"scratchVolumeName\": \"workspace\", \"requestId\": \"snap-1\"}")
            .expect(200)
            .json();
    assertThat(snapshot.get("requestId").asText(), is("snap-1"));
    String snapshotId = snapshot.get("fileSystemSnapshotId").asText();
    assertThat(snapshot.get("sourceSandboxId").asText(), is(id));
    server.get("/v1/fileSystemSnapshots/" + snapshotId).expect(200);
    assertThat(
        server
            .get("/v1/fileSystemSnapshots?sourceSandboxId=" + id)
            .json()
            .at("/fileSystemSnapshots")
            .size(),
        is(1));
    JsonNode deleted =
        server
            .delete("/v1/sandboxes/" + id + "?snapshotVolumes=workspace&requestId=stop-1")
            .expect(200)
            .json();
    assertThat(deleted.at("/fileSystemSnapshotIds").size(), is(1));
    server.delete("/v1/fileSystemSnapshots/" + snapshotId).expect(200);
    assertThat(
        server.get("/v1/fileSystemSnapshots/" + snapshotId).expect(404).reason(),
        is("CWSANDBOX_FSS_NOT_FOUND"));
    assertThat(
        server
            .delete("/v1/fileSystemSnapshots/" + snapshotId + "?allowMissing=true")
            .expect(200)
            .body(),
        is("{}"));
  }

  @Test
  void givenFilters_thenTheListHoldsWhatPassesAllOfThem() {
    String one = server.create("", "a", "b");
    String two = server.create("", "a");
    server.delete("/v1/sandboxes/" + two).expect(200);
    assertThat(ids(server.get("/v1/sandboxes?tags=a")), contains(one));
    assertThat(ids(server.get("/v1/sandboxes?tags=a&tags=b&showTerminated=true")), contains(one));
    assertThat(
        ids(server.get("/v1/sandboxes?tags=a&show_terminated=true")), containsInAnyOrder(one, two));
    assertThat(ids(server.get("/v1/sandboxes?state=STATE_TERMINATED")), contains(two));
    assertThat(ids(server.get("/v1/sandboxes?volumeIds=v")), is(empty()));
    assertThat(ids(server.get("/v1/sandboxes?runnerIds=elsewhere")), is(empty()));
  }

  @Test
  void givenWhatV1PublishesAndNobodyOffers_thenNotImplemented() {
    for (String path :
        List.of(
            "/v1/sandboxTemplates",
            "/v1/volumes",
            "/v1/settings/secretStores/x",
            "/v1/availableRunners")) {
      assertThat(path, server.get(path).expect(501).reason(), is("CWSANDBOX_NOT_IMPLEMENTED"));
    }
    String gpu =
        "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"a\"}], \"runnerIds\": [\"r\"],"
            + " \"mode\": \"SANDBOX_MODE_CKS\"}}";
    assertThat(
        server.post("/v1/sandboxes", gpu).expect(501).reason(), is("CWSANDBOX_NOT_IMPLEMENTED"));
  }

  @Test
  void givenACommandThatTakesLongerThanTheIdleLimit_thenItsAnswerStillComes() {
    try (TestServer impatient =
        TestServer.open(
            FaultySandboxService.inMemory().commandsTake(Duration.ofMillis(1500)),
            b -> b.limits(Limits.DEFAULT.withSlowClients(Duration.ofMillis(500), 1024)))) {
      String id = impatient.create("", "a");
      impatient.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"echo\"]}").expect(200);
    }
  }

  @Test
  void givenATimeLimitInAHeader_thenTheServerKeepsItAndSaysHowTheCommandEnded() {
    server.service.commandsTake(Duration.ofSeconds(30));
    String id = server.create("", "a");
    TestServer.Answer answer =
        server.send(
            HttpRequest.newBuilder(server.uri("/v1/sandboxes/" + id + ":exec"))
                .header("Content-Type", "application/json")
                .header(ExecHeaders.TIMEOUT_MS, "100")
                .POST(HttpRequest.BodyPublishers.ofString("{\"command\": [\"sleep\", \"30\"]}")));
    answer.expect(200);
    assertThat(
        answer.response().headers().firstValue(ExecHeaders.OUTCOME).orElse(""), is("TIMED_OUT"));
  }

  @Test
  void givenTheServersOwnTimeLimit_thenTheReasonSaysSo() {
    try (TestServer strict =
        TestServer.open(
            FaultySandboxService.inMemory().commandsTake(Duration.ofSeconds(30)),
            b -> b.limits(Limits.DEFAULT.withLongestCommand(Duration.ofMillis(100))))) {
      String id = strict.create("", "a");
      TestServer.Answer answer =
          strict.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"sleep\"]}").expect(504);
      assertThat(answer.reason(), is("CWSANDBOX_COMMAND_TIMEOUT"));
    }
  }

  @Test
  void givenBinaryOutput_thenEveryByteArrives() {
    byte[] all = new byte[70_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    server.service.answering(
        request ->
            new ExecResult(
                request.command(),
                ExecOutcome.EXITED,
                3,
                new ExecResult.Output(all, 5_000_000),
                new ExecResult.Output(new byte[0], 0),
                Instant.EPOCH,
                Duration.ZERO,
                0));
    String id = server.create("", "a");
    JsonNode result =
        server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(200).json();
    assertThat(Base64.getDecoder().decode(result.get("stdout").asText()), is(all));
    assertThat(result.get("exitCode").asInt(), is(3));
    assertThat(result.get("stdoutTruncated").asBoolean(), is(true));
    assertThat(result.get("stdoutBytesProduced").asText(), is("5000000"));
  }

  @Test
  void givenAnUnforeseenFailure_thenNothingOfItIsToldButAnIncident() {
    server.service.answering(
        request -> {
          throw new IllegalStateException("secret");
        });
    String id = server.create("", "a");
    TestServer.Answer answer =
        server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(500);
    assertThat(answer.code(), is(13));
    assertThat(answer.body(), not(containsString("secret")));
    assertThat(answer.body(), containsString("log names it"));
  }

  private static int purgeCount(TestServer.Answer answer) {
    return answer.expect(200).json().path("purgeCount").asInt();
  }

  static List<String> ids(TestServer.Answer list) {
    List<String> ids = new ArrayList<>();
    list.expect(200).json().path("sandboxes").forEach(s -> ids.add(s.get("sandboxId").asText()));
    return ids;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static String decoded(JsonNode base64) {
    return new String(Base64.getDecoder().decode(base64.asText()), StandardCharsets.UTF_8);
  }
}
