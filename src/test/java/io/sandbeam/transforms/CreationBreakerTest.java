package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker whose sandboxes do not end stops creating, and no other one does. */
class CreationBreakerTest {
  private static final int CONCURRENCY = 2;
  private static final int MOST = InFlight.mostSandboxes(CONCURRENCY);
  private static final Duration NEEDED = Duration.ofHours(2);
  private static final Duration STEP = Duration.ofSeconds(5);

  private final VirtualTime time = new VirtualTime(1);
  private final FaultySandboxService service = FaultySandboxService.on(time);
  private final Worker worker = worker(Isolation.ELEMENT, 0);

  private Worker worker(Isolation isolation, int warm) {
    StepConfig config =
        FnHarness.config("local", "night-1", "Grade", FnHarness.exec(isolation), CONCURRENCY);
    config =
        new StepConfig(
            config.jobId(), config.step(), config.service(), config.exec(), CONCURRENCY, warm, 0);
    return new Worker(config, "w1", time, SharedServices.alone(service.client()), () -> 1);
  }

  private <T> T await(CompletableFuture<T> future) {
    return time.until(future, Duration.ofMinutes(5)).join();
  }

  @AfterEach
  void nothingIsLeft() {
    service.healthy();
    service.stickNextStops(0);
    service.releaseStuck();
    await(worker.endSession());
    worker.letGo();
    service.live().forEach(info -> await(service.delete(DeleteRequest.of(info.id()))));
    assertThat(service.live(), is(empty()));
  }

  /** A command that ends at once; whether its sandbox does is the service's business. */
  private void command() {
    SandboxLease lease = worker.sourceOfBundle().lease(NEEDED);
    CompletableFuture<?> started = lease.sandbox().start();
    assertThat(started.isDone(), is(true));
    CompletableFuture<Void> unused = lease.release(SandboxLease.Verdict.CLEAN);
    time.advance(STEP);
  }

  private TooManySandboxesException commandsUntilItTrips() {
    for (int i = 0; i < 100; i++) {
      try {
        command();
      } catch (TooManySandboxesException e) {
        return e;
      }
    }
    throw new AssertionError("It does not trip: " + service.live().size() + " are alive");
  }

  @Test
  void givenDeletesWithoutEffect_thenItStopsCreatingAndSaysWhatToDo() {
    service.stickNextStops(1000);

    TooManySandboxesException told = commandsUntilItTrips();

    long atTheBound = CreationBreaker.bound(MOST) + 1L;
    long meanwhile =
        CreationBreaker.QUIET_TIME.plus(CreationBreaker.LOOK_SOON.multipliedBy(2)).dividedBy(STEP);
    assertThat(service.created(), is(lessThanOrEqualTo(atTheBound + meanwhile)));
    assertThat(
        told.getMessage(),
        allOf(
            containsString("job night-1, step Grade"),
            containsString("at least 7 of worker w1 are alive"),
            containsString("can use 4"),
            containsString("scripts/sandbeam list --tag=worker.w1"),
            containsString("scripts/sweep --job=night-1")));
  }

  @Test
  void givenItHasTripped_whenTheSandboxesAreGone_thenItGoesOn() {
    service.stickNextStops(1000);
    commandsUntilItTrips();
    service.stickNextStops(0);
    service.releaseStuck();
    time.advance(CreationBreaker.LOOK_SOON);

    long before = service.created();
    command();

    assertThat(service.created(), is(before + 1));
  }

  @Test
  void givenItHasTripped_thenTheElementIsNotRunAndTheReasonIsMachineReadable() {
    service.stickNextStops(1000);
    commandsUntilItTrips();
    long before = service.created();
    List<Outcome> outcomes = new ArrayList<>();

    CommandRun run =
        new CommandRun(
            worker,
            worker.sourceOfBundle(),
            new CommandPlan(Command.of("true"), Map.of()),
            ExecRequest.builder("true").build());
    run.whenKnown(outcome -> outcome.ifPresent(outcomes::add));
    run.start();

    assertThat(outcomes, hasSize(1));
    Outcome.NotRun notRun = (Outcome.NotRun) outcomes.get(0);
    assertThat(notRun.reason(), is(CommandFailure.Reason.TOO_MANY_SANDBOXES));
    assertThat(notRun.message(), containsString("scripts/sweep --job=night-1"));
    assertThat(notRun.attempts(), is(1));
    assertThat(service.created(), is(before));
  }

  @Test
  void givenAnEarlierSessionOfTheWorkerThatStillEnds_thenItDoesNotTrip() {
    Session earlier =
        Session.open(
            service.client(),
            SandboxDefaults.builder()
                .tags(worker.config().selector())
                .tags(List.of(Tag.worker("w1")))
                .build(),
            time);
    for (int i = 0; i < 2 * MOST; i++) {
      await(earlier.sandbox().start());
    }
    time.advance(CreationBreaker.LOOK_EVERY);
    command();
    service.stopTakes(Duration.ofSeconds(50));
    CompletableFuture<Void> closing = earlier.closeAsync();
    for (int i = 0; i < 12; i++) {
      time.advance(STEP);
    }
    service.stopTakes(Duration.ZERO);
    assertThat(closing.isDone(), is(true));

    for (int i = 0; i < 100; i++) {
      command();
    }
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenSandboxesOfOtherStepsAndJobsAndUnknownWorkers_thenTheyDoNotCount() {
    List<List<Tag>> others =
        List.of(
            List.of(Tag.job("night-1"), Tag.step("Grade"), Tag.worker("w10")),
            List.of(Tag.job("night-1"), Tag.step("Grade2"), Tag.worker("w1")),
            List.of(Tag.job("night-10"), Tag.step("Grade"), Tag.worker("w1")));
    for (List<Tag> tags : others) {
      Session other =
          Session.open(service.client(), SandboxDefaults.builder().tags(tags).build(), time);
      for (int i = 0; i < 5 * MOST; i++) {
        await(other.sandbox().start());
      }
    }
    for (int i = 0; i < 100; i++) {
      command();
    }
    assertThat(service.live(), hasSize(15 * MOST));
  }

  @Test
  void givenListsThatShowWhatHasOutlivedItsLifetime_thenThatDoesNotCount() {
    service.listLag(Duration.ofHours(1));
    SandboxDefaults shortLived = SandboxDefaults.builder().maxLifetime(STEP).build();
    for (int i = 0; i < 5 * MOST; i++) {
      await(worker.session().sandbox(shortLived).start());
    }
    time.advance(Duration.ofMinutes(10));
    assertThat("all are over, and lists do not know it yet", service.live(), is(empty()));
    await(worker.session().sandbox().start()); // the server's time goes on
    time.advance(Duration.ofMinutes(51));

    for (int i = 0; i < 40; i++) {
      command();
    }
    assertThat(service.calls(Operation.LIST).size(), is(greaterThan(2)));
  }

  @Test
  void givenListsThatFail_thenNothingIsKnownAndNothingChanges() {
    service.stickNextStops(1000);
    service.failEveryNth(
        Operation.LIST,
        1,
        () -> new SandboxUnavailableException("down", null, io.sandbeam.service.Effect.NONE, null));
    for (int i = 0; i < 60; i++) {
      command();
    }
    service.healthy();
    commandsUntilItTrips();
  }

  @Test
  void givenManyCommands_thenItLooksNowAndThenAndAtAFewPages() {
    for (int i = 0; i < 1000; i++) {
      CompletableFuture<Void> unused =
          worker.sourceOfBundle().lease(NEEDED).release(SandboxLease.Verdict.CLEAN);
      time.advance(Duration.ofMillis(100));
    }
    assertThat(service.calls(Operation.LIST).size(), is(1));

    service.stickNextStops(10_000);
    service.pagesOf(2);
    commandsUntilItTrips();
    long lists = service.calls(Operation.LIST).size();
    time.advance(CreationBreaker.LOOK_SOON);
    assertThrows(TooManySandboxesException.class, this::command);
    assertThat(
        "no pages behind the bound",
        service.calls(Operation.LIST).size() - lists,
        is(lessThanOrEqualTo((CreationBreaker.bound(MOST) + 2L) / 2)));
  }

  @Test
  void givenWarmSandboxes_thenTheyAreAmongThoseAWorkerMayHave() {
    Worker warm = worker(Isolation.ELEMENT, 5);
    List<SandboxLease> held = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      SandboxLease lease = warm.sourceOfBundle().lease(NEEDED);
      held.add(lease);
      if (held.size() > MOST) {
        CompletableFuture<Void> unused = held.remove(0).release(SandboxLease.Verdict.CLEAN);
      }
      time.advance(STEP);
    }
    assertThat(service.live().size(), is(MOST + 5));
    await(warm.endSession());
    warm.letGo();
  }
}
