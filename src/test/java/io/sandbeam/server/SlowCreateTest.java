package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that takes its time over a create, as one that pulls an image does. */
class SlowCreateTest {
  private static final Duration SLOW = Duration.ofSeconds(6);
  private static final String CREATE = "/v1/sandboxes?requestId=r";
  @TempDir Path folder;
  private FaultySandboxService service;
  private TestServer server;

  @BeforeEach
  void start() {
    service = FaultySandboxService.inMemory().idsByRequest().latency(Operation.CREATE, SLOW);
    server = TestServer.open(service, b -> b);
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
    service.close();
  }

  @Test
  void givenASlowCreate_thenItIsAnsweredMeanwhileAndPolledUntilItRuns() {
    JsonNode answer = server.post(CREATE, TestServer.CREATE).expect(200).json();
    String id = answer.get("sandboxId").asText();

    assertThat(service.created(), is(0L));
    assertThat(answer.at("/status/state").asText(), is("STATE_CREATING"));
    assertThat(answer.at("/spec/tags").toString(), is("[\"batch-42\"]"));
    assertThat(state(id), is("STATE_CREATING"));
    assertThat(listed(), contains(id));
    assertThat(
        server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(400).reason(),
        is("CWSANDBOX_SANDBOX_NOT_RUNNING"));
    assertThat("once", server.post(CREATE, TestServer.CREATE).expect(200).id(), is(id));

    await().until(() -> state(id).equals("STATE_RUNNING"));
    server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(200);
    assertThat(listed(), contains(id));
    assertThat(server.post(CREATE, TestServer.CREATE).expect(200).id(), is(id));
    assertThat(service.created(), is(1L));
  }

  @Test
  void givenASlowCreateThatFails_thenItsSandboxEndsAsFailedWithTheReason() {
    service.failNext(
        Operation.CREATE, 1, () -> new SandboxValidationException("image", "no such image"));
    String id = server.post(CREATE, TestServer.CREATE).expect(200).id();

    await().until(() -> state(id).equals("STATE_FAILED"));
    JsonNode record = server.get("/v1/sandboxes/" + id).expect(200).json();
    assertThat(record.at("/status/stateReason").asText(), containsString("no such image"));
    assertThat(listed(), is(empty()));
    assertThat(service.created(), is(0L));
  }

  @Test
  void givenADeleteMeanwhile_thenItIsEndedAsSoonAsItIsMade() {
    String id = server.post(CREATE, TestServer.CREATE).expect(200).id();

    JsonNode deleted = server.delete("/v1/sandboxes/" + id).expect(200).json();
    assertThat(deleted.at("/sandbox/status/state").asText(), is("STATE_TERMINATING"));

    await().until(() -> service.created() == 1 && service.live().isEmpty());
    await().until(() -> state(id).equals("STATE_TERMINATED"));
  }

  @Test
  void givenAPurgeMeanwhile_thenItCountsAndEndsItToo() {
    server.post(CREATE, TestServer.CREATE).expect(200);
    String tags = "{\"tags\": [\"batch-42\"]";

    assertThat(purged(tags + ", \"dryRun\": true}"), is(1));
    assertThat(purged("{\"tags\": [\"batch-43\"]}"), is(0));
    assertThat(purged(tags + "}"), is(1));
    await().until(() -> service.created() == 1 && service.live().isEmpty());
  }

  @Test
  void givenAStopMeanwhile_thenItDoesNotWaitForTheService() {
    service.latency(Operation.CREATE, Duration.ofMinutes(10));
    Path state = folder.resolve("state");
    TestServer other = TestServer.open(service, b -> b.state(state));
    String id = other.post(CREATE, TestServer.CREATE).expect(200).id();

    CompletableFuture<Void> stopped = CompletableFuture.runAsync(other::close);
    await().atMost(Duration.ofSeconds(20)).until(stopped::isDone);
    stopped.join();

    try (TestServer next = TestServer.open(service, b -> b.state(state))) {
      JsonNode record = next.get("/v1/sandboxes/" + id).expect(200).json();
      assertThat(record.at("/status/state").asText(), is("STATE_FAILED"));
      assertThat(record.at("/status/stateReason").asText(), containsString("stopped"));
    }
  }

  private int purged(String body) {
    return server.post("/v1/sandboxes:purge", body).expect(200).json().path("purgeCount").asInt();
  }

  /** On all pages: what the service does not know yet comes behind what it knows. */
  private List<String> listed() {
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      TestServer.Answer page =
          server.get("/v1/sandboxes?tags=batch-42&pageToken=" + token).expect(200);
      ids.addAll(ApiCallsTest.ids(page));
      token = page.json().path("nextPageToken").asText();
    } while (!token.isEmpty());
    return ids;
  }

  private String state(String id) {
    return server.get("/v1/sandboxes/" + id).expect(200).json().at("/status/state").asText();
  }
}
