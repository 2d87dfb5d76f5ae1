package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CreateSandboxFromTemplate: a template and what a request changes of it. */
class TemplateCallTest {
  private static final String PATH = "/v1/sandboxes:createFromTemplate";
  private static final String SPEC =
      """
      {"containers": [{"name": "app", "image": "graders:7",
                       "environmentVariables": {"LEVEL": "strict"},
                       "resources": {"cpu": "500m", "memory": "1Gi"}}],
       "primaryContainer": "app", "maxLifetimeSeconds": 3600, "tags": ["graders", "v7"],
       "annotations": {"team": "ml"}, "network": {"egress": [{"any": true}]}}
      """;

  @TempDir Path folder;
  private Path file;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("templates.json");
    write(SPEC, 7);
    server = open(FaultySandboxService.inMemory());
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
  }

  @Test
  void givenNoOverrides_thenTheSandboxIsAsTheTemplateSays() {
    TestServer.Answer answer = from("\"requestId\": \"r\"").expect(200);

    JsonNode spec = answer.json().get("spec");
    assertThat(spec.at("/containers/0/name").asText(), is("app"));
    assertThat(spec.at("/containers/0/image").asText(), is("graders:7"));
    assertThat(spec.at("/containers/0/environmentVariables/LEVEL").asText(), is("strict"));
    assertThat(spec.at("/containers/0/resources/memory").asText(), is("1Gi"));
    assertThat(spec.at("/tags").toString(), is("[\"graders\",\"v7\"]"));
    assertThat(spec.at("/maxLifetimeSeconds").asInt(), is(3600));
    assertThat(spec.at("/network/egress/0/any").asBoolean(), is(true));
    provenance(answer.json(), "7");
    provenance(server.get("/v1/sandboxes/" + answer.id()).expect(200).json(), "7");
    provenance(server.get("/v1/sandboxes?tags=v7").json().at("/sandboxes/0"), "7");
    provenance(server.delete("/v1/sandboxes/" + answer.id()).json().get("sandbox"), "7");
  }

  @Test
  void givenOverrides_thenWhatIsPresentReplacesAndTheRestStays() {
    JsonNode spec =
        from("\"overrides\": {\"tags\": [\"job.a\"], \"maxLifetimeSeconds\": 60,"
                + " \"annotations\": {\"owner\": \"ci\"}, \"primaryContainer\": \"\","
                + " \"containers\": [], \"network\": {\"denyEgress\": true}}")
            .expect(200)
            .json()
            .get("spec");

    assertThat(spec.at("/tags").toString(), is("[\"job.a\"]"));
    assertThat(spec.at("/maxLifetimeSeconds").asInt(), is(60));
    assertThat(spec.at("/annotations/owner").asText(), is("ci"));
    assertThat(spec.at("/annotations/team").isMissingNode(), is(true));
    assertThat(spec.at("/containers/0/image").asText(), is("graders:7"));
    assertThat(spec.at("/containers/0/resources/cpu").asText(), is("500m"));
    assertThat(spec.at("/network/denyEgress").asBoolean(), is(true));
  }

  @Test
  void givenAContainer_thenNothingOfTheTemplatesIsLeft() {
    JsonNode container =
        from("\"overrides\": {\"containers\": [{\"name\": \"main\", \"image\": \"b\"}],"
                + " \"primaryContainer\": \"main\"}")
            .expect(200)
            .json()
            .at("/spec/containers/0");

    assertThat(container.get("image").asText(), is("b"));
    assertThat(container.has("environmentVariables"), is(false));
    assertThat(container.has("resources"), is(false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"overrides\": {\"cpu\": 1} | overrides.cpu",
        "\"overrides\": {\"tags\": [\"a\", \"-\"]} | overrides.tags[1]",
        "\"overrides\": {\"tags\": [\"owner.root\"]} | overrides.tags",
        "\"overrides\": {\"containers\": [{\"name\": \"app\"}]} | overrides.containers[0].image",
        "\"overrides\": {\"containers\": [{\"image\": \"a\"}]} | overrides.containers[0].name",
        "\"overrides\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}]} | overrides.primaryContainer",
        "\"overrides\": {\"containers\": [{\"name\": \"app\", \"image\": \"a\", \"imagePullCredentials\": {}}]} | overrides.containers[0].imagePullCredentials",
        "\"overrides\": {\"maxLifetimeSeconds\": 2592001} | overrides.maxLifetimeSeconds",
        "\"overrides\": {\"maxLifetimeSeconds\": 86401} | overrides.maxLifetimeSeconds",
        "\"overrides\": [] | overrides",
        "\"sandbox\": {} | sandbox",
        "\"template_id\": \"grading\" | template_id",
        "\"requestId\": \"REQUEST\" | requestId"
      })
  void givenAMistake_thenTheViolationNamesTheField(String fields, String field) {
    String long129 = "x".repeat(129);

    TestServer.Answer answer = from(fields.replace("REQUEST", long129)).expect(400);

    assertThat(answer.body(), answer.violation(), is(field));
    assertThat(server.service.created(), is(0L));
  }

  @Test
  void givenWhatIsNotOffered_thenNotImplemented() {
    assertThat(
        from("\"overrides\": {\"runtimeClass\": \"gvisor\"}").expect(501).reason(),
        is("CWSANDBOX_NOT_IMPLEMENTED"));
  }

  @Test
  void givenNoSuchTemplate_thenNotFoundAndTheMessageNamesThoseThereAre() {
    TestServer.Answer unknown = server.post(PATH, "{\"templateId\": \"gradng\"}").expect(404);
    assertThat(unknown.code(), is(5));
    assertThat(unknown.json().get("message").asText(), containsString("there are [grading]"));
    assertThat(server.post(PATH, "{}").expect(400).violation(), is("templateId"));

    try (TestServer without = TestServer.open()) {
      TestServer.Answer none = without.post(PATH, "{\"templateId\": \"grading\"}").expect(404);
      assertThat(none.code(), is(5));
      assertThat(none.json().get("message").asText(), containsString("--templates=FILE"));
    }
  }

  @Test
  void givenOneRequestId_thenOneRequestIsOneSandboxAndAnotherIsRefused() {
    String fields =
        "\"requestId\": \"r\", \"overrides\": {\"annotations\": {\"a\": \"1\", \"b\": \"2\"}}";
    String id = from(fields).expect(200).id();

    assertThat(from(fields).expect(200).id(), is(id));
    String reordered = fields.replace("\"a\": \"1\", \"b\": \"2\"", "\"b\": \"2\", \"a\": \"1\"");
    assertThat(from(reordered).expect(200).id(), is(id));
    assertThat(from(fields.replace("\"1\"", "\"3\"")).expect(409).code(), is(6));
    assertThat(from("\"requestId\": \"r\"").expect(409).code(), is(6));
    assertThat(
        server.post("/v1/sandboxes?requestId=r", TestServer.CREATE).expect(409).code(), is(6));
    assertThat(from(fields.replace("\"r\"", "\"s\"")).expect(200).id(), is(not(id)));
    assertThat(server.service.created(), is(2L));
  }

  @Test
  void givenOneRequestIdManyTimesAtOnce_thenOneSandbox() {
    server.service.latency(Operation.CREATE, Duration.ofMillis(200));
    List<CompletableFuture<TestServer.Answer>> calls =
        IntStream.range(0, 10)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> from("\"requestId\": \"r\"")))
            .toList();

    assertThat(calls.stream().map(call -> call.join().expect(200).id()).distinct().count(), is(1L));
    assertThat(server.service.created(), is(1L));
  }

  @Test
  void givenTheTemplateChanges_thenNewSandboxesAreOfItAndARepeatedRequestIsAnsweredAsBefore()
      throws IOException {
    String id = from("\"requestId\": \"r\"").expect(200).id();
    write(SPEC.replace("graders:7", "graders:8"), 8);

    await().until(() -> from("").json().path("sourceTemplateRevision").asText().equals("8"));
    JsonNode fresh = from("").expect(200).json();
    assertThat(fresh.at("/spec/containers/0/image").asText(), is("graders:8"));
    JsonNode repeated = from("\"requestId\": \"r\"").expect(200).json();
    assertThat(repeated.get("sandboxId").asText(), is(id));
    assertThat(repeated.at("/spec/containers/0/image").asText(), is("graders:7"));
    provenance(repeated, "7");

    Files.writeString(file, "{}");
    await().until(() -> from("").status() == 404);
    assertThat(from("\"requestId\": \"r\"").expect(200).id(), is(id));
    provenance(server.get("/v1/sandboxes/" + id).json(), "7");
  }

  @Test
  void givenARestart_thenTheRecordTellsItsTemplateThatIsGoneByNow() {
    Path state = folder.resolve("state");
    String id;
    try (TestServer first =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state).templates(file))) {
      id = first.post(PATH, body("\"requestId\": \"r\"")).expect(200).id();
    }
    try (TestServer next = TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
      provenance(next.get("/v1/sandboxes/" + id).expect(200).json(), "7");
      // The first page is the service's, which knows none; the records follow.
      String list = "/v1/sandboxes?showTerminated=true";
      String token = next.get(list).json().get("nextPageToken").asText();
      provenance(next.get(list + "&pageToken=" + token).json().at("/sandboxes/0"), "7");
      JsonNode repeated = next.post(PATH, body("\"requestId\": \"r\"")).expect(200).json();
      assertThat(repeated.get("sandboxId").asText(), is(id));
      provenance(repeated, "7");
      assertThat(next.service.created(), is(0L));
    }
  }

  @Test
  void givenACreateThatTakesLong_thenThePromiseTellsTheTemplate() {
    try (FaultySandboxService slow =
            FaultySandboxService.inMemory()
                .idsByRequest()
                .latency(Operation.CREATE, Duration.ofSeconds(4));
        TestServer patient = open(slow)) {
      JsonNode promised = patient.post(PATH, body("\"requestId\": \"r\"")).expect(200).json();

      assertThat(promised.at("/status/state").asText(), is("STATE_CREATING"));
      provenance(promised, "7");
      String path = "/v1/sandboxes/" + promised.get("sandboxId").asText();
      await()
          .until(
              () -> patient.get(path).json().at("/status/state").asText().equals("STATE_RUNNING"));
      provenance(patient.get(path).json(), "7");
    }
  }

  @Test
  void givenTokens_thenASandboxOfATemplateIsItsCallersAndCountsAgainstTheQuota() {
    try (TestServer shared =
        TestServer.withTokens(
            folder.resolve("tokens"),
            b -> b.templates(file).limits(Limits.DEFAULT.withSandboxes(1, 10)),
            "alice",
            "bob")) {
      String id = shared.call("alice", "POST", PATH, body("\"requestId\": \"r\"")).expect(200).id();

      shared.call("bob", "GET", "/v1/sandboxes/" + id, null).expect(404);
      shared.call("alice", "POST", PATH, body("")).expect(429);
      assertThat(
          shared.call("bob", "POST", PATH, body("\"requestId\": \"r\"")).expect(200).id(),
          is(not(id)));
    }
  }

  private TestServer open(FaultySandboxService service) {
    Limits limits = Limits.DEFAULT.withLongestLifetime(Duration.ofDays(1));
    return TestServer.open(service, b -> b.templates(file).limits(limits));
  }

  private TestServer.Answer from(String fields) {
    return server.post(PATH, body(fields));
  }

  private static String body(String fields) {
    return "{\"templateId\": \"grading\"" + (fields.isEmpty() ? "" : ", " + fields) + "}";
  }

  private static void provenance(JsonNode sandbox, String revision) {
    assertThat(sandbox.path("sourceTemplateId").asText(), is("grading"));
    assertThat(sandbox.path("sourceTemplateRevision").isTextual(), is(true));
    assertThat(sandbox.path("sourceTemplateRevision").asText(), is(revision));
  }

  private void write(String spec, int revision) throws IOException {
    Files.writeString(
        file, "{\"grading\": {\"revision\": " + revision + ", \"spec\": " + spec + "}}");
  }
}
