package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server tells of itself: enough for the night, and no secret. */
class ObservabilityTest {
  @TempDir Path folder;

  @Test
  void givenCalls_thenTheAccessLogHasALineOfJsonForEachWithoutASecret() throws IOException {
    Path log = folder.resolve("access.jsonl");
    try (TestServer server =
        TestServer.withTokens(folder.resolve("t"), b -> b.accessLog(log), "alice")) {
      String id = server.create("alice", "a");
      server
          .call(
              "alice",
              "POST",
              "/v1/sandboxes/" + id + ":exec",
              "{\"command\": [\"secret-program\"], \"env\": {\"K\": \"secret-value\"}}")
          .expect(200);
      server
          .call("alice", "GET", "/v1/sandboxes/" + id + ":readFile?path=/secret-path", null)
          .expect(404);
      server.call("secret-token", "GET", "/v1/sandboxes?tags=secret-tag", null).expect(401);
      await().until(() -> Files.readAllLines(log).size() >= 4);
      String text = Files.readString(log);
      assertThat(text, not(containsString("secret")));
      assertThat(text, not(containsString(server.token("alice"))));
      JsonNode exec = TestServer.JSON.readTree(Files.readAllLines(log).get(1));
      assertThat(exec.get("rpc").asText(), is("Exec"));
      assertThat(exec.get("caller").asText(), is("alice"));
      assertThat(exec.get("sandboxId").asText(), is(id));
      assertThat(exec.get("status").asInt(), is(200));
      assertThat(exec.get("bytesIn").asInt() > 0, is(true));
      assertThat(exec.get("bytesOut").asInt() > 0, is(true));
      JsonNode file = TestServer.JSON.readTree(Files.readAllLines(log).get(2));
      assertThat(file.get("reason").asText(), is("CWSANDBOX_FILE_NOT_FOUND"));
      assertThat(file.get("code").asText(), is("NOT_FOUND"));
    }
  }

  @Test
  void givenCalls_thenTheMetricsCountThemInPrometheusText() {
    try (TestServer server = TestServer.open()) {
      String id = server.create("", "tag-of-mine");
      server.get("/v1/sandboxes/none").expect(404);
      server.delete("/v1/sandboxes/" + id).expect(200);
      await()
          .until(
              () -> server.get("/metrics").body().contains("method=\"DeleteSandbox\",code=\"OK\""));
      String text = server.get("/metrics").expect(200).body();
      assertThat(
          text,
          containsString("sandbeam_requests_total{method=\"CreateSandbox\",code=\"OK\"} 1\n"));
      assertThat(
          text,
          containsString("sandbeam_requests_total{method=\"GetSandbox\",code=\"NOT_FOUND\"} 1\n"));
      assertThat(text, containsString("sandbeam_sandboxes{state=\"terminated\"} 1\n"));
      assertThat(text, containsString("sandbeam_service_up 1\n"));
      assertThat(
          text,
          containsString(
              "sandbeam_request_duration_seconds_bucket{method=\"CreateSandbox\",le=\"+Inf\"} 1\n"));
      assertThat("nothing a caller chose", text, not(containsString("tag-of-mine")));
      for (String line : text.lines().toList()) {
        assertThat(
            line,
            matchesPattern(
                "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? [0-9.]+"));
      }
    }
  }

  @Test
  void givenOnlyTheHeadOfTheMetricsAskedFor_thenItIsThere() {
    try (TestServer server = TestServer.open()) {
      server.call("", "HEAD", "/metrics", null).expect(200);
    }
  }

  @Test
  void givenTokens_thenOnlyHealthAndTheDescriptionAreForEverybody() {
    try (TestServer server = TestServer.withTokens(folder.resolve("t"), b -> b, "alice")) {
      assertThat(server.get("/healthz").expect(200).body(), containsString("\"status\":\"ok\""));
      server.get("/openapi.json").expect(200);
      server.get("/metrics").expect(401);
      server.call("alice", "GET", "/metrics", null).expect(200);
    }
  }

  @Test
  void givenAServiceThatIsDown_thenHealthSaysSoAndTheServerIsFit() {
    try (TestServer server = TestServer.open()) {
      server.service.failEveryNth(
          io.sandbeam.testing.Operation.LIST,
          1,
          () ->
              new io.sandbeam.service.SandboxUnavailableException(
                  "down", null, io.sandbeam.service.Effect.NONE, null));
      await().until(() -> server.get("/healthz").expect(200).body().contains("unavailable"));
      assertThat(
          server.get("/v1/sandboxes").expect(503).reason(), is("CWSANDBOX_BACKEND_UNAVAILABLE"));
      server.service.healthy();
      await().until(() -> !server.get("/healthz").body().contains("unavailable"));
    }
  }
}
