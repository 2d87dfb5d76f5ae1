package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A server that is told to stop leaves nothing behind, and nobody's command in the middle. */
class StopTest {

  @Test
  void givenARunningCommand_thenItsAnswerComesAndThenTheSandboxEnds() {
    FaultySandboxService service =
        FaultySandboxService.inMemory().commandsTake(Duration.ofMillis(800));
    try (TestServer server = TestServer.open(service, b -> b)) {
      String id = server.create("", "a");
      CompletableFuture<TestServer.Answer> command =
          CompletableFuture.supplyAsync(
              () -> server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"echo\"]}"));
      await().until(() -> server.get("/metrics").body().contains("sandbeam_requests_in_flight 1"));
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(server.server::close);
      await().until(() -> server.get("/healthz").status() == 503);
      TestServer.Answer create = server.post("/v1/sandboxes", TestServer.CREATE).expect(503);
      assertThat(create.code(), is(14));
      command.join().expect(200);
      stopped.join();
      assertThat(service.live(), is(empty()));
    }
  }

  @Test
  void givenACommandLongerThanTheDrain_thenTheStopDoesNotWaitForIt() {
    FaultySandboxService service =
        FaultySandboxService.inMemory().commandsTake(Duration.ofMinutes(10));
    TestServer server =
        TestServer.open(service, b -> b.limits(Limits.DEFAULT.withDrain(Duration.ofMillis(200))));
    String id = server.create("", "a");
    CompletableFuture<TestServer.Answer> command =
        CompletableFuture.supplyAsync(
            () -> server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"echo\"]}"));
    await().until(() -> server.get("/metrics").body().contains("sandbeam_requests_in_flight 1"));
    server.close();
    // Its caller is told, or cut off; it does not wait for ever.
    await().until(command::isDone);
  }

  @Test
  void givenSandboxesThatTakeTimeToEnd_thenTheStopWaitsUntilTheyAreGone() {
    FaultySandboxService service =
        FaultySandboxService.inMemory().stopTakes(Duration.ofMillis(700));
    TestServer server = TestServer.open(service, b -> b);
    for (int i = 0; i < 20; i++) {
      server.create("", "a");
    }
    server.close();
  }

  @Test
  void givenTheSandboxesOfOthersInTheSameService_thenTheyLiveOn() {
    FaultySandboxService service = FaultySandboxService.inMemory();
    SandboxSpec spec = SandboxSpec.builder().tags("elsewhere").build();
    String other = service.create(spec, RequestId.mint()).join().id();
    SandbeamServer server = SandbeamServer.builder(service.client()).bind("127.0.0.1", 0).start();
    server.close();
    assertThat(service.get(other).join().isTerminal(), is(false));
    service.delete(io.sandbeam.service.DeleteRequest.of(other)).join();
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenTwoServersOfOneService_thenEachEndsOnlyWhatWasMadeThroughIt() {
    try (TestServer first = TestServer.open()) {
      String firsts = first.create("", "a");
      TestServer second = TestServer.open(first.service, b -> b);
      String seconds = second.create("", "b");
      second.get("/v1/sandboxes/" + firsts).expect(200);

      second.server.close();

      assertThat(first.service.get(seconds).join().isTerminal(), is(true));
      assertThat(first.service.live().stream().map(SandboxInfo::id).toList(), contains(firsts));
    }
  }

  @Test
  void givenACreateWhoseAnswerWasLost_thenItsSandboxEndsWithTheServer() {
    try (TestServer server = TestServer.open()) {
      server.service.loseEveryNthAnswer(Operation.CREATE, 1);
      server.post("/v1/sandboxes", TestServer.CREATE).expect(504);
      server.service.healthy();
      assertThat(server.service.live(), hasSize(1));
    }
  }

  @Test
  void givenATakenPort_thenTheStartSaysSoAndHoldsNothing() {
    try (TestServer first = TestServer.open();
        FaultySandboxService other = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder second =
          SandbeamServer.builder(other).bind("127.0.0.1", first.server.port());
      SandboxException refusal = assertThrows(SandboxException.class, second::start);
      assertThat(refusal.getMessage(), containsString("127.0.0.1:" + first.server.port()));
    }
  }

  @Test
  void givenASecondClose_thenItDoesNothing() {
    TestServer server = TestServer.open();
    server.close();
    server.close();
  }
}
