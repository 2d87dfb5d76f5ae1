package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody takes more than its share of sandboxes, requests, memory or patience. */
class LimitsTest {
  @TempDir Path folder;

  @Test
  void givenAQuota_thenTheNextSandboxIsRefusedWithAHintAndAFreedPlaceIsTaken() {
    Limits limits = Limits.DEFAULT.withSandboxes(2, 3);
    try (TestServer server =
        TestServer.withTokens(folder.resolve("t"), b -> b.limits(limits), "alice", "bob", "eve")) {
      String first = server.create("alice", "a");
      server.create("alice", "a");
      TestServer.Answer refused =
          server.call("alice", "POST", "/v1/sandboxes", TestServer.CREATE).expect(429);
      assertThat(refused.code(), is(8));
      assertThat(refused.json().findPath("retryDelay").asText().isEmpty(), is(false));
      assertThat(refused.response().headers().firstValue("Retry-After").isPresent(), is(true));
      server.create("bob", "a");
      server.call("eve", "POST", "/v1/sandboxes", TestServer.CREATE).expect(429);
      server.service.exit(first, 0);
      server.create("eve", "a");
    }
  }

  @Test
  void givenManyCreatesAtOnce_thenTogetherTheyStayWithinTheQuota() {
    try (TestServer server =
        TestServer.open(
            FaultySandboxService.inMemory(), b -> b.limits(Limits.DEFAULT.withSandboxes(5, 100)))) {
      List<CompletableFuture<Integer>> calls =
          IntStream.range(0, 30)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> server.post("/v1/sandboxes", TestServer.CREATE).status()))
              .toList();
      long created = calls.stream().filter(call -> call.join() == 200).count();
      assertThat(created, is(5L));
      assertThat(server.service.mostLive(), lessThanOrEqualTo(5));
    }
  }

  @Test
  void givenAFailedCreate_thenItsPlaceIsFreeAgain() {
    try (TestServer server =
        TestServer.open(
            FaultySandboxService.inMemory().images("known"),
            b -> b.limits(Limits.DEFAULT.withSandboxes(1, 1)))) {
      server.post("/v1/sandboxes", TestServer.CREATE).expect(400);
      server.post("/v1/sandboxes", TestServer.CREATE.replace("python:3.11", "known")).expect(200);
    }
  }

  @Test
  void givenARate_thenTheRequestsAboveItAreRefusedWithAHintAndOtherCallersAreNot() {
    Limits limits = Limits.DEFAULT.withRequests(0.001, 3);
    try (TestServer server =
        TestServer.withTokens(folder.resolve("t"), b -> b.limits(limits), "alice", "bob")) {
      for (int i = 0; i < 3; i++) {
        server.call("alice", "GET", "/v1/sandboxes", null).expect(200);
      }
      TestServer.Answer refused = server.call("alice", "GET", "/v1/sandboxes", null).expect(429);
      assertThat(refused.code(), is(8));
      server.call("bob", "GET", "/v1/sandboxes", null).expect(200);
    }
  }

  @Test
  void givenTime_thenTheBucketFillsUpAgainAndNotAboveItsBurst() {
    AtomicLong now = new AtomicLong();
    RateLimit rate = new RateLimit(2, 2, now::get);
    assertThat(rate.take(Caller.LOCAL).isEmpty(), is(true));
    assertThat(rate.take(Caller.LOCAL).isEmpty(), is(true));
    assertThat(rate.take(Caller.LOCAL).orElseThrow(), is(Duration.ofMillis(500)));
    now.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(rate.take(Caller.LOCAL).isEmpty(), is(true));
    now.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(
        IntStream.range(0, 5).filter(i -> rate.take(Caller.LOCAL).isEmpty()).count(), is(2L));
  }

  @Test
  void givenAClientThatStopsInTheMiddleOfItsRequest_thenItIsCutOff() throws IOException {
    Limits limits = Limits.DEFAULT.withSlowClients(Duration.ofMillis(300), 1024);
    try (TestServer server =
            TestServer.open(FaultySandboxService.inMemory(), b -> b.limits(limits));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
      send(
          socket,
          "POST /v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
      String answer = readAll(socket);
      assertThat(answer, startsWith("HTTP/1.1 408"));
    }
  }

  @Test
  void givenAClientThatSendsNothing_thenItIsCutOff() throws IOException {
    Limits limits = Limits.DEFAULT.withSlowClients(Duration.ofMillis(300), 1024);
    try (TestServer server =
            TestServer.open(FaultySandboxService.inMemory(), b -> b.limits(limits));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
      send(socket, "GET /v1/sandb");
      assertThat(readAll(socket).contains("200 OK"), is(false));
    }
  }

  @Test
  void givenAClientThatDripsItsHead_thenItIsCutOffAndOthersAreNot() throws Exception {
    Limits limits = Limits.DEFAULT.withSlowClients(Duration.ofMillis(600), 1024);
    try (TestServer server =
            TestServer.open(FaultySandboxService.inMemory(), b -> b.limits(limits));
        Socket drip = new Socket(InetAddress.getLoopbackAddress(), server.server.port());
        Socket steady = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
      send(drip, "GET /healthz HTTP/1.1\r\n");
      long start = System.nanoTime();
      await()
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                requireAnswer(steady);
                return !takes(drip, "X");
              });
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat("not before its time", took.toMillis(), is(greaterThan(599L)));
      requireAnswer(steady);
    }
  }

  private static void requireAnswer(Socket socket) throws IOException {
    send(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(socket.getInputStream().read(), is((int) 'H'));
    socket.getInputStream().skipNBytes(socket.getInputStream().available());
  }

  private static boolean takes(Socket socket, String text) {
    try {
      send(socket, text);
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  @Test
  void givenATransferBelowTheLeastRate_thenItIsTooSlowAfterTheGrace() throws IOException {
    AtomicLong now = new AtomicLong();
    MinimumRate.Transfer transfer = new MinimumRate(Duration.ofSeconds(10), 1000, now::get).start();
    now.set(Duration.ofSeconds(10).toNanos());
    transfer.check(1);
    now.set(Duration.ofSeconds(12).toNanos());
    transfer.check(2000);
    assertThrows(MinimumRate.TooSlowException.class, () -> transfer.check(1999));
  }

  @Test
  void givenAUsedUpMemoryBudget_thenTheNextIsRefusedAndClosingGivesBackOnce() {
    Caller alice = new Caller("alice", Role.USER);
    Budget memory = new Budget("bytes", 100, 100);
    Budget.Share share = memory.take(alice, 60);
    assertThrows(SandboxResourceExhaustedException.class, () -> memory.take(alice, 41));
    share.close();
    share.close();
    assertThat(memory.used(), is(0L));
    memory.take(alice, 100).close();
  }

  @Test
  void givenACallerThatTakesAllItCanGet_thenThereIsSomethingLeftForOthers() {
    Caller alice = new Caller("alice", Role.USER);
    Caller bob = new Caller("bob", Role.USER);
    Budget memory = new Budget("bytes", 100, 75);
    Budget.Share most = memory.take(alice, 75);
    assertThrows(SandboxResourceExhaustedException.class, () -> memory.take(alice, 1));
    memory.take(bob, 25).close();
    most.close();
    memory.take(alice, 100).close();
    assertThat(memory.used(), is(0L));
  }

  @Test
  void givenACallerWhoseManyRequestsNeverEnd_thenOthersAreAnsweredMeanwhile() throws Exception {
    Limits limits = Limits.DEFAULT.withSlowClients(Duration.ofMinutes(1), 16);
    List<Socket> sockets = new ArrayList<>();
    try (TestServer server =
        TestServer.withTokens(folder.resolve("t"), b -> b.limits(limits), "alice", "bob")) {
      for (int i = 0; i < HttpListener.MOST_THREADS + 20; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port());
        sockets.add(socket);
        send(
            socket,
            "POST /v1/sandboxes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer "
                + server.token("alice")
                + "\r\nContent-Length: 100\r\n\r\n{");
      }
      assertTimeoutPreemptively(
          Duration.ofSeconds(15),
          () -> server.call("bob", "GET", "/v1/sandboxes", null).expect(200));
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void givenAnsweredRequests_thenTheirMemoryIsGivenBack() {
    try (TestServer server = TestServer.open()) {
      String id = server.create("", "a");
      for (int i = 0; i < 20; i++) {
        server.post("/v1/sandboxes/" + id + ":exec", "{\"command\": [\"a\"]}").expect(200);
        server.get("/v1/sandboxes/" + id + ":readFile?path=/none").expect(404);
      }
      await().until(() -> server.get("/metrics").body().contains("\nsandbeam_bytes_in_flight 0\n"));
    }
  }

  @Test
  void givenALifetimeAboveThePolicy_thenItIsRefusedAndNotShortened() {
    Limits limits = Limits.DEFAULT.withLongestLifetime(Duration.ofHours(1));
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.limits(limits))) {
      String spec = TestServer.CREATE.replace("\"tags\"", "\"maxLifetimeSeconds\": 3601, \"tags\"");
      assertThat(
          server.post("/v1/sandboxes", spec).expect(400).violation(),
          is("sandbox.spec.maxLifetimeSeconds"));
      assertThat(server.service.all().size(), lessThan(1));
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    socket.setSoTimeout(10_000);
  }

  private static String readAll(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
  }
}
