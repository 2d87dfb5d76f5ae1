package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers are known by their tokens, and each one's sandboxes are its own. */
class CallersTest {
  @TempDir Path folder;
  private Path tokens;
  private TestServer server;

  @BeforeEach
  void startServer() {
    tokens = folder.resolve("tokens");
    server = TestServer.withTokens(tokens, b -> b, "alice", "bob", "root");
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/sandboxes",
        "GET /metrics",
        "GET /page/sandboxes",
        "POST /v1/sandboxes:purge",
        "GET /v1/none",
        "OPTIONS /v1/sandboxes",
        "BREW /v1/sandboxes"
      })
  void givenNoToken_thenUnauthenticated(String request) {
    String[] parts = request.split(" ", 2);
    TestServer.Answer answer = server.call("", parts[0], parts[1], null).expect(401);
    assertThat(answer.code(), is(16));
    assertThat(answer.response().headers().firstValue("WWW-Authenticate").orElse(""), is("Bearer"));
    server.call("wrong-token", parts[0], parts[1], null).expect(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/sandboxes", "/v1/none", "/metrics", "/page/sandboxes"})
  void givenOnlyTheHeadAskedForWithoutAToken_thenUnauthenticated(String path) {
    server.call("", "HEAD", path, null).expect(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization", "x-wandb-api-key"})
  void givenTwoTokensInOneRequest_thenNeitherCounts(String header) {
    String good = (header.equals("Authorization") ? "Bearer " : "") + server.token("alice");
    TestServer.Answer answer =
        server
            .send(
                HttpRequest.newBuilder(server.uri("/v1/sandboxes"))
                    .header(header, good)
                    .header(header, "Bearer another"))
            .expect(401);
    assertThat(answer.body(), containsString(header + " is given more than once"));
  }

  @Test
  void givenTheOtherHeader_thenTheTokenCounts() {
    server
        .send(
            HttpRequest.newBuilder(server.uri("/v1/sandboxes"))
                .header("x-wandb-api-key", server.token("alice")))
        .expect(200);
    server
        .send(
            HttpRequest.newBuilder(server.uri("/v1/sandboxes"))
                .header("Authorization", "Basic " + server.token("alice")))
        .expect(401);
  }

  @Test
  void givenSomebodyElsesSandbox_thenItDoesNotExistForAnyCall() {
    String id = server.create("alice", "shared-tag");
    String path = "/v1/sandboxes/" + id;
    String exec = "{\"command\": [\"a\"]}";
    List<TestServer.Answer> answers =
        List.of(
            server.call("bob", "GET", path, null),
            server.call("bob", "DELETE", path, null),
            server.call("bob", "POST", path + ":exec", exec),
            server.call("bob", "GET", path + ":readFile?path=/a", null),
            server.call("bob", "POST", path + ":writeFile", "{\"path\": \"/a\"}"),
            server.call("bob", "POST", path + ":snapshot", "{}"));
    for (TestServer.Answer answer : answers) {
      assertThat(answer.expect(404).reason(), is("CWSANDBOX_SANDBOX_NOT_FOUND"));
    }
    assertThat(
        server.call("bob", "DELETE", path + "?allowMissing=true", null).expect(200).body(),
        is("{}"));
    assertThat(
        ApiCallsTest.ids(server.call("bob", "GET", "/v1/sandboxes?tags=shared-tag", null)),
        is(empty()));
    assertThat("nothing happened to it", server.service.live().size(), is(1));
    server.call("alice", "POST", path + ":exec", exec).expect(200);
  }

  @Test
  void givenAnotherSandboxThatNeverWas_thenTheAnswerIsTheSame() {
    String id = server.create("alice", "a");
    String other = server.call("bob", "GET", "/v1/sandboxes/" + id, null).body();
    String never =
        server
            .call("bob", "GET", "/v1/sandboxes/00000000-0000-4000-8000-0000000fffff", null)
            .body();
    assertThat(
        other.replace(id, "ID"), is(never.replace("00000000-0000-4000-8000-0000000fffff", "ID")));
  }

  @Test
  void givenAPurge_thenOnlyOnesOwnEnd() {
    server.create("alice", "t");
    String bobs = server.create("bob", "t");
    server.call("alice", "POST", "/v1/sandboxes:purge", "{\"tags\": [\"t\"]}").expect(200);
    server.call("alice", "POST", "/v1/sandboxes:purge", "{\"purgeAll\": true}").expect(200);
    assertThat(server.service.live().stream().map(s -> s.id()).toList(), contains(bobs));
  }

  @Test
  void givenTheOwnerTag_thenNobodyForgesNamesOrSeesIt() {
    String id = server.create("alice", "t");
    assertThat(
        server.call("alice", "GET", "/v1/sandboxes/" + id, null).body(),
        not(containsString("owner.")));
    assertThat(
        server.call("bob", "GET", "/v1/sandboxes?tags=owner.alice", null).expect(400).violation(),
        is("tags"));
    server.call("bob", "POST", "/v1/sandboxes:purge", "{\"tags\": [\"owner.alice\"]}").expect(400);
  }

  @Test
  void givenAnAdmin_thenItSeesAndEndsAll() {
    String one = server.create("alice", "t");
    String two = server.create("bob", "t");
    assertThat(
        ApiCallsTest.ids(server.call("root", "GET", "/v1/sandboxes", null)),
        containsInAnyOrder(one, two));
    assertThat(
        ApiCallsTest.ids(server.call("root", "GET", "/v1/sandboxes?tags=owner.bob", null)),
        contains(two));
    server.call("root", "DELETE", "/v1/sandboxes/" + one, null).expect(200);
    server.call("root", "POST", "/v1/sandboxes:purge", "{\"purgeAll\": true}").expect(200);
    assertThat(server.service.live(), is(empty()));
  }

  @Test
  void givenSomebodyElsesSnapshot_thenItIsNeitherSeenNorRestoredNorDeleted() {
    String id = server.create("alice", "t");
    String snapshot =
        server
            .call("alice", "POST", "/v1/sandboxes/" + id + ":snapshot", "{}")
            .expect(200)
            .json()
            .get("fileSystemSnapshotId")
            .asText();
    String path = "/v1/fileSystemSnapshots/" + snapshot;
    server.call("bob", "GET", path, null).expect(404);
    server.call("bob", "DELETE", path, null).expect(404);
    assertThat(
        server.call("bob", "GET", "/v1/fileSystemSnapshots", null).expect(200).body(), is("{}"));
    String restore =
        "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"a\"}], \"volumes\": [{\"name\":"
            + " \"workspace\", \"scratch\": {\"restoreFromSnapshotId\": \""
            + snapshot
            + "\"}}]}}";
    server.call("bob", "POST", "/v1/sandboxes", restore).expect(404);
    server.call("alice", "POST", "/v1/sandboxes", restore).expect(200);
    server.call("alice", "DELETE", path, null).expect(200);
  }

  @Test
  void givenTheSameRequestIdOfTwoCallers_thenEachHasItsOwnSandbox() {
    String one =
        server
            .call("alice", "POST", "/v1/sandboxes?requestId=r", TestServer.CREATE)
            .expect(200)
            .id();
    String two =
        server.call("bob", "POST", "/v1/sandboxes?requestId=r", TestServer.CREATE).expect(200).id();
    assertThat(one, is(not(two)));
  }

  @Test
  void givenAChangedTokenFile_thenItCountsWithoutARestart() throws IOException {
    String carol = TokenFile.mint(tokens, "carol", Role.USER);
    await().until(() -> server.call(carol, "GET", "/v1/sandboxes", null).status() == 200);
    Files.writeString(
        tokens,
        String.join(
            "\n", Files.readAllLines(tokens).stream().filter(l -> !l.startsWith("bob ")).toList()));
    await().until(() -> server.call("bob", "GET", "/v1/sandboxes", null).status() == 401);
    server.call("alice", "GET", "/v1/sandboxes", null).expect(200);
  }

  @Test
  void givenABrokenTokenFile_thenTheTokensReadBeforeStayGood() throws IOException {
    Files.writeString(tokens, "nonsense\n");
    String later = TokenFile.mint(folder.resolve("others"), "x", Role.USER);
    await()
        .during(java.time.Duration.ofMillis(1500))
        .atMost(java.time.Duration.ofSeconds(5))
        .until(() -> server.call("alice", "GET", "/v1/sandboxes", null).status() == 200);
    server.call(later, "GET", "/v1/sandboxes", null).expect(401);
  }

  @Test
  void givenATokenFile_thenItHoldsNoTokenAndIsForItsOwnerOnly() throws IOException {
    String text = Files.readString(tokens);
    for (String name : List.of("alice", "bob", "root")) {
      assertThat(text, not(containsString(server.token(name))));
    }
    assertThat(
        java.nio.file.attribute.PosixFilePermissions.toString(
            Files.getPosixFilePermissions(tokens)),
        is("rw-------"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# only a comment\n",
        "alice user\n",
        "alice boss sha256:00:00\n",
        "sbm-secret\n"
      })
  void givenAFileThatIsNoTokenFile_thenTheServerDoesNotStartAndDoesNotShowTheLine(String text)
      throws IOException {
    Path bad = Files.writeString(folder.resolve("bad"), text);
    try (FaultySandboxService service = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder builder =
          SandbeamServer.builder(service).bind("127.0.0.1", 0).tokens(bad);
      SandboxException refusal = assertThrows(SandboxException.class, builder::start);
      assertThat(refusal.getMessage(), containsString("sandbeam token"));
      assertThat(refusal.getMessage(), not(containsString("sbm-secret")));
    }
  }

  @Test
  void givenAFileThatEverybodyCanWrite_thenTheServerDoesNotStart() throws IOException {
    Files.setPosixFilePermissions(
        tokens, java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(
        assertThrows(SandboxException.class, () -> TokenFile.read(tokens)).getMessage(),
        containsString("chmod 600"));
  }

  @Test
  void givenABadName_thenNoTokenIsMade() {
    for (String name : List.of("", "a b", "owner/x", "-a", "a-", "x".repeat(40))) {
      assertThrows(SandboxException.class, () -> TokenFile.mint(tokens, name, Role.USER));
    }
  }

  @Test
  void givenNoTokenFile_thenTheServerRefusesEveryAddressButLoopback() {
    try (FaultySandboxService service = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder builder = SandbeamServer.builder(service).bind("0.0.0.0", 0);
      SandboxException refusal = assertThrows(SandboxException.class, builder::start);
      assertThat(refusal.getMessage(), containsString("127.0.0.1"));
    }
  }

  @Test
  void givenNoTokenFileAndAnotherLoopbackAddress_thenItAnswersToThatAndNoOtherName() {
    try (TestServer open =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.bind("127.0.0.2", 0))) {
      open.get("/v1/sandboxes").expect(200);
    }
  }
}
