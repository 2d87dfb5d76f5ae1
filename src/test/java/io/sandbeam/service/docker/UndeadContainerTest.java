package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** S20: a container that has ended, and that its engine cannot remove: it stays, as "dead". */
@Timeout(120)
class UndeadContainerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BUSY = "driver \"overlay2\" failed to remove root filesystem: busy";

  private final RequestId request = RequestId.mint();
  private final String id = OwnSandboxes.idOf(request);
  private final AtomicInteger removals = new AtomicInteger();
  private final ScriptedEngine engine;
  private final DockerFixture docker;
  private final SandboxSpec spec;
  private volatile boolean undead;

  UndeadContainerTest() throws IOException {
    engine = new ScriptedEngine(TestEngine.DOCKER.address(), this::reply);
    docker = DockerFixture.by(engine);
    spec = docker.spec().build();
  }

  private Optional<ScriptedEngine.Reply> reply(String call) {
    if (!undead) {
      return Optional.empty();
    }
    try {
      return scripted(call);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<ScriptedEngine.Reply> scripted(String call) throws JsonProcessingException {
    if (call.contains("/wait?")) {
      return json(200, Map.of("StatusCode", 0, "Error", Map.of("Message", BUSY)));
    }
    if (call.startsWith("DELETE")) {
      removals.incrementAndGet();
      return json(500, Map.of("message", BUSY));
    }
    if (call.contains("/containers/json")) {
      return json(
          200,
          List.of(
              Map.of(
                  "Id",
                  id,
                  "Names",
                  List.of("/" + id),
                  "Labels",
                  Labels.of(spec),
                  "State",
                  "dead")));
    }
    if (call.contains("/containers/" + id + "/json")) {
      return json(
          200,
          Map.of(
              "Id",
              id,
              "Name",
              "/" + id,
              "Created",
              "2026-01-01T00:00:00Z",
              "Config",
              Map.of("Labels", Labels.of(spec)),
              "State",
              Map.of("Status", "dead")));
    }
    return Optional.empty();
  }

  private static Optional<ScriptedEngine.Reply> json(int status, Object body)
      throws JsonProcessingException {
    return Optional.of(ScriptedEngine.Reply.json(status, JSON.writeValueAsString(body)));
  }

  @AfterEach
  void nothingIsLeft() {
    try (engine) {
      undead = false;
      docker.close();
    }
  }

  private SweepReport.Outcome sweep() {
    return Sweep.of(docker.service)
        .tags(List.of(docker.run))
        .quietTime(Duration.ofMillis(100))
        .run()
        .join()
        .outcome();
  }

  @Test
  void givenContainerThatCannotBeRemoved_thenItIsListedUntilItIsGoneAndOnlyThenTheSweepIsEmpty() {
    DockerFixture.get(docker.service.create(spec, request));
    undead = true;

    DockerFixture.get(docker.service.delete(DeleteRequest.of(id)));

    await().until(removals::get, greaterThan(1));
    assertThat(states(docker.service), is(List.of(SandboxState.TERMINATING)));
    try (SandboxService other = docker.another()) {
      assertThat(states(other), is(List.of(SandboxState.TERMINATING)));
    }
    undead = false;
    await().until(() -> docker.info(id).state(), is(SandboxState.TERMINATED));
    assertThat(sweep(), is(SweepReport.Outcome.EMPTY));
  }

  private List<SandboxState> states(SandboxService by) {
    return docker.list(by).stream().map(SandboxInfo::state).toList();
  }
}
