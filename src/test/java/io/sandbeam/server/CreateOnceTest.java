package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One request id makes one sandbox. */
class CreateOnceTest {
  private static final String PATH = "/v1/sandboxes?requestId=4f9f2a8e";
  private static final String OTHER = TestServer.CREATE.replace("batch-42", "batch-43");
  @TempDir Path folder;

  @Test
  void givenTheSameTokenAndSpec_thenTheSameSandbox() {
    try (TestServer server = TestServer.open()) {
      String id = server.post(PATH, TestServer.CREATE).expect(200).id();
      assertThat(server.post(PATH, TestServer.CREATE).expect(200).id(), is(id));
      assertThat(server.service.created(), is(1L));
    }
  }

  @Test
  void givenTheSameTokenAndAnotherSpec_thenAlreadyExists() {
    try (TestServer server = TestServer.open()) {
      server.post(PATH, TestServer.CREATE).expect(200);
      assertThat(server.post(PATH, OTHER).expect(409).code(), is(6));
      assertThat(server.service.created(), is(1L));
    }
  }

  @Test
  void givenTheSandboxHasEnded_thenTheTokenStillMeansIt() {
    try (TestServer server = TestServer.open()) {
      String id = server.post(PATH, TestServer.CREATE).expect(200).id();
      server.delete("/v1/sandboxes/" + id).expect(200);
      TestServer.Answer again = server.post(PATH, TestServer.CREATE).expect(200);
      assertThat(again.id(), is(id));
      assertThat(again.json().at("/status/state").asText(), is("STATE_TERMINATED"));
    }
  }

  @Test
  void givenManyAtOnce_thenOneSandboxAndOneAnswer() {
    try (TestServer server =
        TestServer.open(
            FaultySandboxService.inMemory().latency(Operation.CREATE, Duration.ofMillis(200)),
            b -> b.limits(Limits.DEFAULT.withSandboxes(1, 1)))) {
      List<CompletableFuture<TestServer.Answer>> calls =
          IntStream.range(0, 20)
              .mapToObj(
                  i -> CompletableFuture.supplyAsync(() -> server.post(PATH, TestServer.CREATE)))
              .toList();
      assertThat(
          calls.stream().map(call -> call.join().expect(200).id()).distinct().count(), is(1L));
      assertThat(server.service.created(), is(1L));
    }
  }

  @Test
  void givenAnAnswerThatTheServiceLost_thenAskingAgainFindsTheSandbox() {
    try (TestServer server = TestServer.open()) {
      server.service.loseEveryNthAnswer(Operation.CREATE, 1);
      server.post(PATH, TestServer.CREATE).expect(504);
      server.service.healthy();
      server.post(PATH, TestServer.CREATE).expect(200);
      assertThat(server.service.created(), is(1L));
    }
  }

  @Test
  void givenARestart_thenTheTokenStillMeansTheSameSandboxAndSpec() {
    Path state = folder.resolve("state");
    String id;
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
      id = server.post(PATH, TestServer.CREATE).expect(200).id();
    }
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
      assertThat(server.post(PATH, TestServer.CREATE).expect(200).id(), is(id));
      server.post(PATH, OTHER).expect(409);
      assertThat(server.service.created(), is(0L));
    }
  }

  @Test
  void givenATokenAboveItsLength_thenItIsRefused() {
    try (TestServer server = TestServer.open()) {
      String path = "/v1/sandboxes?requestId=" + "x".repeat(129);
      assertThat(server.post(path, TestServer.CREATE).expect(400).violation(), is("requestId"));
    }
  }
}
