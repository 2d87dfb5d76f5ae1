package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What dead workers left counts, where it is known how many workers there are. */
class StepBreakerTest {
  private static final int CONCURRENCY = 2;
  private static final int MOST = InFlight.mostSandboxes(CONCURRENCY);
  private static final int WORKERS = 2;
  private static final int BOUND = CreationBreaker.bound(MOST * WORKERS);
  private static final Duration STEP = Duration.ofSeconds(5);

  private final VirtualTime time = new VirtualTime(1);
  private final FaultySandboxService service = FaultySandboxService.on(time);

  private Worker worker(Isolation isolation, int workers) {
    StepConfig some =
        FnHarness.config("local", "night-1", "Grade", FnHarness.exec(isolation), CONCURRENCY);
    StepConfig config =
        new StepConfig(
            some.jobId(), some.step(), some.service(), some.exec(), CONCURRENCY, 0, workers);
    return new Worker(config, "w1", time, SharedServices.alone(service.client()), () -> 1);
  }

  private <T> T await(CompletableFuture<T> future) {
    return time.until(future, Duration.ofMinutes(5)).join();
  }

  @AfterEach
  void nothingIsLeft() {
    service.live().forEach(this::delete);
    assertThat(service.live(), is(empty()));
  }

  private void delete(SandboxInfo info) {
    await(service.delete(DeleteRequest.of(info.id())));
  }

  /** What a worker of some step leaves that died some time ago, where no lease ends it. */
  private void left(int sandboxes, String job, String step) {
    SandboxSpec spec =
        SandboxSpec.builder()
            .tags("sandbeam", "job." + job, "step." + step, "worker.w9")
            .maxLifetime(Duration.ofDays(1))
            .build();
    for (int i = 0; i < sandboxes; i++) {
      await(service.create(spec, RequestId.mint()));
    }
  }

  private void command(Worker worker) {
    SandboxSource bundle = worker.sourceOfBundle();
    SandboxLease lease = bundle.lease(Duration.ofHours(2));
    await(lease.sandbox().start());
    await(lease.release(SandboxLease.Verdict.CLEAN));
    await(bundle.retire());
    time.advance(STEP);
  }

  private TooManySandboxesException commandsUntilItTrips(Worker worker) {
    return assertThrows(
        TooManySandboxesException.class,
        () -> {
          for (int i = 0; i < 1000; i++) {
            command(worker);
          }
        });
  }

  private void end(Worker worker) {
    await(worker.endSession());
    worker.letGo();
  }

  @Test
  void s21_givenWhatDeadWorkersLeft_thenALivingOneStopsCreatingAndSaysWhatToDo() {
    left(BOUND + 1, "night-1", "Grade");
    time.advance(CreationBreaker.QUIET_TIME);
    Worker worker = worker(Isolation.ELEMENT, WORKERS);

    TooManySandboxesException told = commandsUntilItTrips(worker);

    assertThat(
        told.getMessage(),
        allOf(
            containsString("job night-1, step Grade: " + (BOUND + 1) + " are older than 70 s"),
            containsString("all workers, 2 at most, can use " + 2 * MOST),
            containsString("scripts/sandbeam list --tag=job.night-1"),
            containsString("scripts/sweep --job=night-1")));
    assertThrows(TooManySandboxesException.class, () -> command(worker));
    end(worker);
  }

  @Test
  void givenAWorkerThatDiesEachMinute_thenItsSuccessorsStopSoonAfterTheirStart() {
    int lives = 0;
    for (boolean tripped = false; !tripped; lives++) {
      assertThat("lives", lives, is(lessThan(10)));
      left(MOST, "night-1", "Grade");
      Worker worker = worker(Isolation.ELEMENT, 1);
      for (int second = 0; second < 60 && !tripped; second += 5) {
        try {
          command(worker);
        } catch (TooManySandboxesException e) {
          tripped = true;
        }
      }
      end(worker);
    }
    assertThat("lives until there were too many", lives, is(greaterThan(1)));
  }

  @Test
  void givenItHasTripped_whenNoMoreAreLeftThanAllWorkersCanUse_thenItGoesOn() {
    left(BOUND + 1, "night-1", "Grade");
    time.advance(CreationBreaker.QUIET_TIME);
    Worker worker = worker(Isolation.ELEMENT, WORKERS);
    commandsUntilItTrips(worker);
    service.live().stream().limit(BOUND + 1 - WORKERS * MOST).forEach(this::delete);

    long before = service.created();
    for (int i = 0; i < 100 && service.created() == before; i++) {
      try {
        command(worker);
      } catch (TooManySandboxesException e) {
        time.advance(STEP);
      }
    }

    assertThat(service.created(), is(greaterThan(before)));
    end(worker);
  }

  @Test
  void givenItHasTrippedAmongManyWorkers_whenThereIsRoomAgain_thenItsNextLookSeesThat() {
    int workers = 20;
    left(CreationBreaker.bound(MOST * workers) + 1, "night-1", "Grade");
    time.advance(CreationBreaker.QUIET_TIME);
    Worker worker = worker(Isolation.ELEMENT, workers);
    commandsUntilItTrips(worker);
    service.live().forEach(this::delete);

    time.advance(CreationBreaker.LOOK_EVERY);

    try {
      command(worker);
    } catch (TooManySandboxesException e) {
      // The look goes on behind.
      time.advance(STEP);
      command(worker);
    }
    end(worker);
  }

  private void goesOn(Worker worker) {
    for (int i = 0; i < 200; i++) {
      command(worker);
    }
    end(worker);
  }

  @Test
  void givenAsManyAsAllWorkersMayHave_thenItGoesOn() {
    left(BOUND, "night-1", "Grade");
    time.advance(CreationBreaker.QUIET_TIME);
    goesOn(worker(Isolation.ELEMENT, WORKERS));
  }

  @Test
  void givenSandboxesOfOtherStepsAndJobs_thenTheyDoNotCount() {
    left(5 * BOUND, "night-1", "Grade2");
    left(5 * BOUND, "night-10", "Grade");
    time.advance(CreationBreaker.QUIET_TIME);
    goesOn(worker(Isolation.ELEMENT, WORKERS));
  }

  @Test
  void givenSandboxesThatAreYoung_thenTheyDoNotCountYet() {
    Worker worker = worker(Isolation.ELEMENT, 1);
    for (int round = 0; round < 10; round++) {
      left(5 * BOUND, "night-1", "Grade");
      for (int i = 0; i < 12; i++) {
        command(worker);
      }
      service.live().forEach(this::delete);
    }
    end(worker);
  }

  @Test
  void givenAnUnknownNumberOfWorkersOrBundlesThatKeepSandboxes_thenItGoesOn() {
    left(5 * BOUND, "night-1", "Grade");
    time.advance(CreationBreaker.QUIET_TIME);
    goesOn(worker(Isolation.ELEMENT, WorkerCount.UNKNOWN));
    goesOn(worker(Isolation.BUNDLE, WORKERS));
  }

  @Test
  void givenManyWorkers_thenEachLooksInAboutOneOfAsManyRounds() {
    int rounds = 400;
    int[] looks = new int[2];
    for (int i = 0; i < 2; i++) {
      Worker worker = worker(Isolation.ELEMENT, i == 0 ? WorkerCount.UNKNOWN : 10);
      int before = service.calls(Operation.LIST).size();
      for (int round = 0; round < rounds; round++) {
        command(worker);
        time.advance(CreationBreaker.LOOK_EVERY);
      }
      looks[i] = service.calls(Operation.LIST).size() - before;
      end(worker);
    }
    assertThat(looks[1] - looks[0], is(greaterThan(rounds / 20)));
    assertThat(looks[1] - looks[0], is(lessThan(rounds / 5)));
  }
}
