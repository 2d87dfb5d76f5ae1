package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.PrepareHeaders;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that clients have a server fetch before their first create. */
@Timeout(60)
class PreparedImagesTest {
  private static final Optional<String> PYTHON = Optional.of("python:3.11");
  @TempDir Path folder;
  private final FaultySandboxService service =
      FaultySandboxService.inMemory().images("python:3.11").preparesImages();
  private final PullingService pulling = new PullingService(service.client());
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.open(service, pulling, b -> b);
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
    service.close();
  }

  private SandboxService client() {
    return SandboxServices.open(server.server.uri().toString());
  }

  private static SandboxValidationException refusal(CompletableFuture<Void> prepared) {
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> prepared.get(30, TimeUnit.SECONDS));
    assertThat(failed.getCause(), is(instanceOf(SandboxValidationException.class)));
    return (SandboxValidationException) failed.getCause();
  }

  /** How often anybody has asked the server. */
  private long asks() {
    return service.calls(Operation.LIST).stream()
        .filter(call -> ((ListRequest) call.argument()).tags().contains(Tag.of(PrepareHeaders.TAG)))
        .count();
  }

  @Test
  void givenAnImageThatCannotBeHad_thenTheRefusalIsTheServicesOwn() {
    try (SandboxService client = client()) {
      SandboxValidationException refusal = refusal(client.prepare(Optional.of("python:9")));

      assertThat(refusal.getMessage(), is("Unknown image 'python:9': there are [python:3.11]"));
      assertThat(refusal.violations().get(0).field(), is("image"));
    }
    assertThat(service.calls(Operation.CREATE), is(empty()));
  }

  @Test
  void givenAnyNameOfAnImage_thenTheServiceIsAskedForWhatACreateWouldMean() throws Exception {
    service.images();
    String odd = "dir:/srv/Bäume 100%41";
    ServiceConfig config =
        ServiceConfig.of(server.server.uri().toString()).withImage("py", "python:3.11");
    try (SandboxService client = SandboxServices.open(config)) {
      client.prepare(Optional.of("py")).get(30, TimeUnit.SECONDS);
      client.prepare(Optional.of(odd)).get(30, TimeUnit.SECONDS);
      client.prepare(Optional.empty()).get(30, TimeUnit.SECONDS);
      // No header of a request could hold it.
      client.prepare(Optional.of("dir:/" + "a".repeat(10_000))).get(30, TimeUnit.SECONDS);
    }
    assertThat(pulling.asked(), contains(PYTHON, Optional.of(odd), Optional.empty()));
  }

  @Test
  void givenASlowPull_thenItsClientsAskAgainUntilItIsThereAndItIsOnePull() throws Exception {
    CompletableFuture<Void> pull = pulling.stall();
    List<SandboxService> clients = new ArrayList<>();
    List<CompletableFuture<Void>> prepared = new ArrayList<>();
    try {
      for (int worker = 0; worker < 20; worker++) {
        clients.add(client());
        prepared.add(clients.get(worker).prepare(PYTHON));
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> asks() >= 40);
      assertThat(prepared.stream().noneMatch(CompletableFuture::isDone), is(true));
      pull.complete(null);
      for (CompletableFuture<Void> one : prepared) {
        one.get(30, TimeUnit.SECONDS);
      }
    } finally {
      clients.forEach(SandboxService::close);
    }
    assertThat(pulling.asked(), contains(PYTHON));
  }

  @Test
  void givenASlowPullThatIsRefusedInTheEnd_thenThatIsTold() {
    CompletableFuture<Void> pull = pulling.stall();
    try (SandboxService client = client()) {
      CompletableFuture<Void> prepared = client.prepare(PYTHON);
      await().atMost(Duration.ofSeconds(30)).until(() -> asks() >= 2);

      pull.completeExceptionally(new SandboxValidationException("image", "manifest unknown"));

      assertThat(refusal(prepared).getMessage(), is("manifest unknown"));
    }
  }

  @Test
  void givenAClientThatDoesNotWaitAnyMore_thenItAsksNoMore() {
    CompletableFuture<Void> pull = pulling.stall();
    try (SandboxService client = client()) {
      CompletableFuture<Void> prepared = client.prepare(PYTHON);
      await().until(() -> asks() == 1);
      prepared.cancel(true);

      // Longer than the server takes to say that it is still at it.
      await()
          .during(PrepareHeaders.LONGEST_WAIT.plusSeconds(2))
          .atMost(Duration.ofSeconds(30))
          .until(() -> asks() == 1);
    }
    pull.complete(null);
  }

  @Test
  void givenAClientThatIsClosed_thenWhoWaitsForAnImageIsTold() {
    CompletableFuture<Void> pull = pulling.stall();
    SandboxService client = client();
    CompletableFuture<Void> prepared = client.prepare(PYTHON);
    await().until(() -> asks() == 1);

    client.close();

    assertThat(prepared.isCompletedExceptionally(), is(true));
    assertThat(client.prepare(PYTHON).isCompletedExceptionally(), is(true));
    pull.complete(null);
  }

  private TestServer.Answer list(TestServer to, String... headers) {
    return to.send(HttpRequest.newBuilder(to.uri("/v1/sandboxes?pageSize=1")).headers(headers));
  }

  @Test
  void givenAPlainList_thenNothingIsFetchedAndNoHeaderSaysSo() {
    TestServer.Answer answer = list(server, "Accept", "application/json").expect(200);

    assertThat(answer.response().headers().firstValue(PrepareHeaders.NAME).isPresent(), is(false));
    assertThat(pulling.asked(), is(empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"python:3.11", "image=", "image=a b", "image=%4", "image=%zz", "image=%FF", "x"})
  void givenAHeaderThatMakesNoSense_thenRefused(String header) {
    assertThat(
        list(server, PrepareHeaders.NAME, header).expect(400).violation(), is(PrepareHeaders.NAME));
    assertThat(pulling.asked(), is(empty()));
  }

  @Test
  void givenCallersWithTokens_thenOnlyTheyHaveImagesFetched() {
    Path tokens = folder.resolve("tokens");
    String alice = TokenFile.mint(tokens, "alice", Role.USER);
    PullingService face = new PullingService(service.client());
    try (TestServer guarded = TestServer.open(service, face, b -> b.tokens(tokens))) {
      list(guarded, PrepareHeaders.NAME, "default").expect(401);
      assertThat(face.asked(), is(empty()));

      TestServer.Answer answer =
          list(guarded, PrepareHeaders.NAME, "default", "Authorization", "Bearer " + alice)
              .expect(200);

      assertThat(
          answer.response().headers().firstValue(PrepareHeaders.NAME).orElse(""),
          is(PrepareHeaders.READY));
      assertThat(face.asked().size(), is(greaterThan(0)));
    }
  }
}
