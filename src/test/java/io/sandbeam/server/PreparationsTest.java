package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.sameInstance;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.testing.FaultySandboxService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many images may be on their way, and who waits for them. */
class PreparationsTest {
  private static final Caller ALICE = new Caller("alice", Role.USER);
  private static final Caller BOB = new Caller("bob", Role.USER);
  private final FaultySandboxService service = FaultySandboxService.inMemory();
  private final PullingService pulling = new PullingService(service.client());
  private boolean draining;
  private final Budget budget = new Budget("images on their way", 3, 2);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  private final Preparations preparations =
      new Preparations(pulling, budget, Duration.ofMinutes(1), timer, () -> draining);

  @AfterEach
  void nothingIsLeft() {
    timer.shutdownNow();
    assertThat(service.live(), is(empty()));
    service.close();
  }

  private CompletableFuture<Preparations.Progress> prepare(Caller caller, String image) {
    return preparations.prepare(caller, Optional.of(image));
  }

  @Test
  void givenManyImagesOnTheirWay_thenMoreAreRefusedAndTheSameOnesAreShared() {
    CompletableFuture<Void> pull = pulling.stall();
    CompletableFuture<Preparations.Progress> first = prepare(ALICE, "a");
    var unused = prepare(ALICE, "b");
    assertThrows(SandboxResourceExhaustedException.class, () -> prepare(ALICE, "c"));
    unused = prepare(BOB, "c");
    assertThrows(SandboxResourceExhaustedException.class, () -> prepare(BOB, "d"));

    CompletableFuture<Preparations.Progress> joined = prepare(BOB, "a");
    assertThat("whoever asks, and however full it is", joined, is(sameInstance(first)));
    assertThat(pulling.asked().size(), is(3));

    pull.complete(null);
    assertThat(joined.join(), is(Preparations.Progress.READY));
    assertThat(budget.used(), is(0L));
    assertThat(prepare(ALICE, "d").join(), is(Preparations.Progress.READY));
  }

  @Test
  void givenAPullThatFailed_thenAllWhoWaitedLearnWhyAndTheNextOneTriesAgain() {
    CompletableFuture<Void> pull = pulling.stall();
    CompletableFuture<Preparations.Progress> first = prepare(ALICE, "a");
    CompletableFuture<Preparations.Progress> second = prepare(BOB, "a");
    RuntimeException down =
        new SandboxUnavailableException("the registry is down", null, Effect.NONE, null);
    pull.completeExceptionally(down);

    for (CompletableFuture<Preparations.Progress> one : List.of(first, second)) {
      assertThat(
          Futures.cause(assertThrows(CompletionException.class, one::join)),
          is(sameInstance(down)));
    }
    assertThat(budget.used(), is(0L));
    pulling.stall().complete(null);
    assertThat(prepare(ALICE, "a").join(), is(Preparations.Progress.READY));
  }

  @Test
  void givenAServerThatStops_thenItFetchesNothing() {
    draining = true;

    CompletionException failed =
        assertThrows(CompletionException.class, () -> prepare(ALICE, "a").join());

    assertThat(((SandboxUnavailableException) failed.getCause()).effect(), is(Effect.NONE));
    assertThat(pulling.asked(), is(empty()));
  }
}
