package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.arrayWithSize;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A closed session has nothing left, or says what. */
class SessionTest extends SimulatedServiceTest {
  private final Session session = Session.open(service, TAGGED, time);

  private Sandbox started() {
    Sandbox sandbox = session.sandbox();
    await(sandbox.start());
    return sandbox;
  }

  @Test
  void givenAnOpenedSession_thenNothingIsCalled() {
    session.sandbox();

    assertThat(service.calls(), is(empty()));
    assertThat(session.sandboxCount(), is(1));
    await(session.closeAsync());
    assertThat(service.calls(), is(empty()));
    assertThat(session.counts(), is(new SessionCounts(0, 0, 0, 0, 0, 1, 0)));
  }

  @Test
  void givenManySandboxes_thenCloseStopsThemInParallelButNotAllAtOnce() {
    for (int i = 0; i < 200; i++) {
      started();
    }
    service.latency(Operation.DELETE, Duration.ofSeconds(1));
    Duration before = time.elapsed();

    await(session.closeAsync());

    // 200 stops of a second each, 64 at a time.
    assertThat(time.elapsed().minus(before), is(Duration.ofSeconds(4)));
    assertThat(session.counts(), is(new SessionCounts(200, 0, 200, 0, 0, 0, 0)));
    assertThat(session.counts().live(), is(0L));
  }

  @Test
  void givenStoppedAndEndedSandboxes_thenTheyDropOutAndAreCounted() {
    Sandbox stopped = started();
    Sandbox crashed = started();
    Sandbox missing = started();
    await(stopped.stop());
    service.crash(crashed.id().orElseThrow(), "lost");
    await(crashed.info());
    assertThat(session.sandboxCount(), is(1));

    service.keepEnded(Duration.ZERO);
    await(service.delete(DeleteRequest.of(missing.id().orElseThrow())));
    await(session.closeAsync());

    assertThat(session.counts(), is(new SessionCounts(3, 0, 1, 1, 1, 0, 0)));
  }

  @Test
  void givenStopsThatFail_thenCloseNamesThemKeepsThemAndCanBeTriedAgain() {
    Sandbox one = started();
    Sandbox two = started();
    await(started().stop());
    service.failEveryNth(Operation.DELETE, 1, () -> unavailable(Effect.NONE));

    SandboxException failure = failureOf(session.closeAsync());

    assertThat(failure.getMessage(), containsString("Could not stop 2 of 2 sandboxes"));
    assertThat(failure.getMessage(), containsString(one.id().orElseThrow()));
    assertThat(failure.getMessage(), containsString(two.id().orElseThrow()));
    assertThat(failure.getSuppressed(), is(arrayWithSize(1)));
    assertThat(session.sandboxCount(), is(2));
    assertThat(session.counts().failedStops(), is(2L));

    service.healthy();
    await(session.closeAsync());
    assertThat(session.counts(), is(new SessionCounts(3, 0, 3, 0, 0, 0, 2)));
  }

  @Test
  void givenAClosedSession_thenItRefusesAndLazySandboxesStayUnstarted() {
    Sandbox lazy = session.sandbox();
    Sandbox foreign = lazy();
    await(foreign.start());
    await(session.closeAsync());

    assertThrows(SandboxException.class, session::sandbox);
    assertThrows(SandboxException.class, () -> session.adopt(foreign));
    failureOf(lazy.exec("true"));
    assertThat(service.created(), is(1L));
    await(session.closeAsync());
    await(foreign.stop());
  }

  @Test
  void givenCreatesInFlight_thenCloseWaitsForThemAndLeavesNothing() {
    service.latency(Operation.CREATE, Duration.ofSeconds(10));
    List<CompletableFuture<SandboxInfo>> starts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      starts.add(session.sandbox().start());
    }

    await(session.closeAsync());

    assertThat(service.created(), is(20L));
    assertThat(service.live(), is(empty()));
    starts.forEach(start -> assertThat(start.isDone(), is(true)));
  }

  @Test
  void givenASandboxWhoseCreateStaysInDoubt_thenCloseFailsAndTheNextOneClearsIt() {
    service.loseEveryNthAnswer(Operation.CREATE, 1);
    service.failEveryNth(Operation.LIST, 1, () -> unavailable(Effect.NONE));
    failureOf(session.sandbox().start());

    SandboxException failure = failureOf(session.closeAsync());

    assertThat(failure.getMessage(), containsString("(create in doubt)"));
    assertThat(session.sandboxCount(), is(1));
    service.healthy();
    await(session.closeAsync());
    assertThat(session.counts(), is(new SessionCounts(1, 0, 1, 0, 0, 0, 1)));
  }

  @Test
  void givenConcurrentCloses_thenTheyShareOne() {
    service.stopTakes(Duration.ofSeconds(3));
    started();

    CompletableFuture<Void> one = session.closeAsync();
    CompletableFuture<Void> other = session.closeAsync();
    await(one);
    await(other);

    assertThat(service.calls(Operation.DELETE), hasSize(1));
  }

  @Test
  void givenSandboxesFromElsewhere_thenListFindsAdoptTracksAndCloseStopsThem() {
    for (String tag : List.of("x", "x", "y")) {
      await(
          service.create(
              SandboxSpec.builder().tags("job.a", tag).build(), Startup.mint(time.random())));
    }

    List<Sandbox> found = await(session.list("x"));
    assertThat(found, hasSize(2));
    assertThat(session.sandboxCount(), is(0));
    found.forEach(session::adopt);
    session.adopt(found.get(0));
    assertThat(session.sandboxCount(), is(2));
    await(session.closeAsync());

    assertThat(session.counts(), is(new SessionCounts(0, 2, 2, 0, 0, 0, 0)));
    assertThat(service.live(), hasSize(1));
    Session other = Session.open(service, TAGGED, time);
    await(other.fromId(service.live(Tag.of("y")).get(0).id()));
    await(other.closeAsync());
  }

  @Test
  void givenAHandleThatWasNeverStarted_thenItCannotBeAdopted() {
    Sandbox lazy = lazy();

    assertThrows(SandboxException.class, () -> session.adopt(lazy));
  }

  @Test
  void givenASessionThatLivesLong_thenItKeepsNothingOfWhatWasStopped() {
    for (int i = 0; i < 2_000; i++) {
      Sandbox sandbox = started();
      assertThat(session.sandboxCount(), is(lessThanOrEqualTo(1)));
      await(sandbox.stop());
    }

    assertThat(session.sandboxCount(), is(0));
    assertThat(session.counts().stopped(), is(2_000L));
  }

  @Test
  void givenOverrides_thenTheyAreMergedFieldByField() {
    SandboxDefaults overrides = SandboxDefaults.builder().tags("extra").image("other").build();

    SandboxInfo info = await(session.sandbox(overrides).start());

    assertThat(
        List.copyOf(info.spec().tags()),
        is(List.of(Tag.PRODUCT, Tag.of("job.a"), Tag.of("extra"))));
    assertThat(info.spec().image().orElseThrow(), is("other"));
    await(session.closeAsync());
  }
}
