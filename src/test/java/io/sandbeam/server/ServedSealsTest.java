package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.http.wire.SealHeaders;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are over, on a server: whose they are, how they are told, what outlives it. */
class ServedSealsTest {
  private static final String DRY_RUN = "{\"tags\": [\"job.a\"], \"dryRun\": true}";
  @TempDir Path folder;

  private static TestServer.Answer ask(TestServer server, String caller, String what, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri("/v1/sandboxes:purge"))
            .header("Content-Type", "application/json")
            .header(SealHeaders.NAME, what)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!caller.isEmpty()) {
      request.header("Authorization", "Bearer " + server.token(caller));
    }
    return server.send(request);
  }

  private static String seal(TestServer server, String caller, String what) {
    return ask(server, caller, what, DRY_RUN)
        .expect(200)
        .response()
        .headers()
        .firstValue(SealHeaders.NAME)
        .orElse("");
  }

  private static String create(String tag) {
    return TestServer.CREATE.replace("batch-42", tag);
  }

  @Test
  void givenACallersSeal_thenItHoldsForItsOwnSandboxesAndAnAdminsForAll() {
    try (TestServer server =
        TestServer.withTokens(folder.resolve("tokens"), b -> b, "alice", "bob", "root")) {
      assertThat(seal(server, "alice", SealHeaders.SET), is(SealHeaders.SEALED));

      TestServer.Answer refused =
          server.call("alice", "POST", "/v1/sandboxes?requestId=r", create("job.a")).expect(400);
      assertThat(refused.reason(), is("SANDBEAM_JOB_SEALED"));
      assertThat(refused.json().path("message").asText(), containsString("'job.a'"));
      assertThat(seal(server, "bob", SealHeaders.ASK), is(SealHeaders.OPEN));
      String bobs = server.create("bob", "job.a");
      assertThat(seal(server, "root", SealHeaders.SET), is(SealHeaders.SEALED));
      server.call("bob", "POST", "/v1/sandboxes", create("job.a")).expect(400);
      assertThat("it ends nobody's", server.service.live(), hasSize(1));
      server.call("bob", "DELETE", "/v1/sandboxes/" + bobs, null).expect(200);
    }
  }

  @Test
  void givenAPlainDryRun_thenNothingIsSealedAndNoHeaderSaysSo() {
    try (TestServer server = TestServer.open()) {
      TestServer.Answer counted = server.post("/v1/sandboxes:purge", DRY_RUN).expect(200);

      assertThat(counted.response().headers().firstValue(SealHeaders.NAME).isPresent(), is(false));
      assertThat(seal(server, "", SealHeaders.ASK), is(SealHeaders.OPEN));
    }
  }

  @Test
  void givenAHeaderThatMakesNoSense_thenRefused() {
    try (TestServer server = TestServer.open()) {
      assertThat(ask(server, "", "please", DRY_RUN).expect(400).violation(), is(SealHeaders.NAME));
      for (String body :
          new String[] {
            "{\"tags\": [\"job.a\"]}",
            "{\"tags\": [\"job.a\", \"job.b\"], \"dryRun\": true}",
            "{\"purgeAll\": true, \"dryRun\": true}"
          }) {
        assertThat(
            body,
            ask(server, "", SealHeaders.SET, body).expect(400).violation(),
            is(SealHeaders.NAME));
      }
      String noJob = "{\"tags\": [\"sandbeam\"], \"dryRun\": true}";
      assertThat(ask(server, "", SealHeaders.SET, noJob).expect(400).violation(), is("job"));
    }
  }

  @Test
  void givenACreateUnderWay_whenItsJobIsSealed_thenItsSandboxIsDeletedAndTheRequestStaysRefused() {
    FaultySandboxService service = FaultySandboxService.inMemory();
    service.latency(Operation.CREATE, Duration.ofSeconds(1));
    try (TestServer server = TestServer.open(service, b -> b)) {
      CompletableFuture<TestServer.Answer> create =
          CompletableFuture.supplyAsync(
              () -> server.post("/v1/sandboxes?requestId=r", create("job.a")));
      Awaitility.await().until(() -> !service.calls(Operation.CREATE).isEmpty());

      seal(server, "", SealHeaders.SET);

      assertThat(create.join().expect(400).reason(), is("SANDBEAM_JOB_SEALED"));
      assertThat("it was made, and is gone", service.created(), is(1L));
      assertThat(service.live(), hasSize(0));
      assertThat(
          server.post("/v1/sandboxes?requestId=r", create("job.a")).expect(400).reason(),
          is("SANDBEAM_JOB_SEALED"));
    }
  }

  @Test
  void givenARestart_thenTheSealHolds() {
    Path state = folder.resolve("state");
    for (int start = 0; start < 3; start++) {
      try (TestServer server =
          TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
        assertThat(
            seal(server, "", start == 0 ? SealHeaders.SET : SealHeaders.ASK),
            is(SealHeaders.SEALED));
        server.post("/v1/sandboxes", create("job.a")).expect(400);
      }
    }
  }
}
