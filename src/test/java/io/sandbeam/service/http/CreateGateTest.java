package io.sandbeam.service.http;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Creates are held back, first come, first served, and none is lost. */
class CreateGateTest {
  private static final Tag TAG = Tag.of("gate");

  private FaultySandboxService world;
  private ForeignServer server;

  @BeforeEach
  void start() {
    world = FaultySandboxService.inMemory();
    server = new ForeignServer(world);
  }

  @AfterEach
  void nothingIsLeft() {
    world.purge(PurgeRequest.tagged(Set.of(TAG))).join();
    await().until(() -> world.live(TAG).isEmpty());
    server.close();
  }

  private SandboxService client(String... settings) {
    ServiceConfig config = ServiceConfig.of(server.url());
    for (int i = 0; i < settings.length; i += 2) {
      config = config.withSetting(settings[i], settings[i + 1]);
    }
    return new HttpServiceProvider(Map.of()).open(config);
  }

  private static SandboxSpec spec(RequestId request) {
    return SandboxSpec.builder()
        .tags(Set.of(TAG))
        .annotations(Map.of("made-by", request.value()))
        .build();
  }

  /** Its sandbox exists, and the client was told nothing. */
  private void createInDoubt(SandboxService client, RequestId request) {
    server.next(Fault.DROPPED_AFTER_EFFECT);
    server.next(Fault.DROPPED_AFTER_EFFECT);
    assertThat(failure(client.create(spec(request), request)).effect(), is(Effect.UNKNOWN));
    assertThat(world.live(TAG), hasSize(1));
  }

  private static SandboxException failure(CompletableFuture<?> call) {
    await().until(call::isDone);
    return (SandboxException) assertThrows(CompletionException.class, call::join).getCause();
  }

  private static List<CompletableFuture<SandboxInfo>> create(SandboxService client, int count) {
    SandboxSpec spec = SandboxSpec.builder().tags(Set.of(TAG)).build();
    return IntStream.range(0, count).mapToObj(i -> client.create(spec, RequestId.mint())).toList();
  }

  private static long done(List<CompletableFuture<SandboxInfo>> calls) {
    return calls.stream().filter(CompletableFuture::isDone).count();
  }

  @Test
  void givenMostSandboxes_whenMoreAreCreated_thenTheyWaitForAnEndThatWasSeen() {
    try (SandboxService client = client("maxSandboxes", "2")) {
      List<CompletableFuture<SandboxInfo>> calls = create(client, 5);
      await().until(() -> done(calls), is(2L));

      for (int i = 0; i < 5; i++) {
        SandboxInfo info = calls.get(i).join();
        client.delete(DeleteRequest.of(info.id())).join();
        await().until(() -> client.get(info.id()).join().isTerminal());
      }

      assertThat(world.mostLive(), is(lessThanOrEqualTo(2)));
      assertThat(world.created(), is(5L));
      assertThat(client.throttledTime().toNanos(), is(greaterThan(0L)));
    }
  }

  @Test
  void givenRate_whenManyAreCreated_thenTheyAreSpreadOverTime() {
    try (SandboxService client = client("createRate", "10")) {
      long start = System.nanoTime();

      create(client, 15).forEach(CompletableFuture::join);

      // The first ten are a full second's worth, saved up.
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(took.toMillis(), is(greaterThanOrEqualTo(400L)));
      assertThat(world.created(), is(15L));
    }
  }

  @Test
  void givenQuotaOfTheService_whenItIsReached_thenCreatesWaitAndNoneFails() {
    world.quota(2);
    try (SandboxService client = client("concurrency", "8")) {
      List<CompletableFuture<SandboxInfo>> calls = create(client, 4);
      await().until(() -> done(calls), is(2L));

      calls.stream()
          .filter(CompletableFuture::isDone)
          .forEach(call -> client.delete(DeleteRequest.of(call.join().id())).join());

      calls.forEach(CompletableFuture::join);
      assertThat(world.created(), is(4L));
      assertThat(client.throttledTime().toNanos(), is(greaterThan(0L)));
    }
  }

  @Test
  void givenNoPlaceForTheWholeBudget_whenCreated_thenExhausted() {
    try (SandboxService client = client("maxSandboxes", "1", "quotaBudget", "700ms")) {
      List<CompletableFuture<SandboxInfo>> calls = create(client, 2);

      Throwable failure = assertThrows(CompletionException.class, calls.get(1)::join).getCause();

      assertThat(failure, is(instanceOf(SandboxResourceExhaustedException.class)));
      assertThat(world.created(), is(1L));
    }
  }

  @Test
  void givenACreateInDoubt_whenAskedAgain_thenItGoesOnInItsOwnPlaceWhichIsFreeAtTheEnd() {
    try (SandboxService client = client("maxSandboxes", "1", "retryBudget", "1ms")) {
      RequestId request = RequestId.mint();
      createInDoubt(client, request);
      List<CompletableFuture<SandboxInfo>> others = create(client, 1);

      CompletableFuture<SandboxInfo> again = client.create(spec(request), request);
      await().until(again::isDone);
      assertThat(done(others), is(0L));

      client.delete(DeleteRequest.of(again.join().id())).join();
      await()
          .until(
              () -> {
                client.get(again.join().id()).join();
                return done(others) == 1;
              });
      assertThat(world.created(), is(2L));
    }
  }

  @Test
  void givenACreateInDoubt_whenARepetitionIsRefused_thenItsPlaceStaysTaken() {
    try (SandboxService client =
        client("maxSandboxes", "1", "retryBudget", "1ms", "quotaBudget", "700ms")) {
      RequestId request = RequestId.mint();
      createInDoubt(client, request);
      server.next(Fault.UNAUTHENTICATED);
      assertThat(failure(client.create(spec(request), request)).effect(), is(Effect.NONE));

      assertThat(
          failure(create(client, 1).get(0)),
          is(instanceOf(SandboxResourceExhaustedException.class)));
    }
  }

  @Test
  void givenACreateInDoubt_whenAListShowsItsSandbox_thenItsPlaceIsFreeAtItsEnd() {
    try (SandboxService client = client("maxSandboxes", "1", "retryBudget", "1ms")) {
      createInDoubt(client, RequestId.mint());

      String id = client.list(ListRequest.tagged(Set.of(TAG))).join().sandboxes().get(0).id();
      client.delete(DeleteRequest.of(id).withMissingOk(MissingOk.YES)).join();

      List<CompletableFuture<SandboxInfo>> next = create(client, 1);
      await()
          .until(
              () -> {
                client.get(id).join();
                return done(next) == 1;
              });
    }
  }

  @Test
  void givenClosedClient_whenCreatesWait_thenTheyFailAndNothingIsMade() {
    SandboxService client = client("maxSandboxes", "1");
    List<CompletableFuture<SandboxInfo>> calls = create(client, 3);
    await().until(() -> done(calls), is(1L));

    client.close();

    await().until(() -> done(calls), is(3L));
    assertThat(world.created(), is(1L));
  }
}
