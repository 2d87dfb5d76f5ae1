package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.sameInstance;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.Timing;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxService;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.SimulatedResults;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One worker per step and JVM: who opens it, who closes it, and what stays of it. */
@Timeout(60)
class WorkerSessionsTest {
  private final MovableTiming clock = new MovableTiming();
  private final WorkerSessions sessions = new WorkerSessions(clock);
  private FaultySandboxService service;

  @BeforeEach
  void open() {
    service = FaultySandboxService.inMemory();
  }

  @AfterEach
  void leavesNothing() {
    await().untilAsserted(() -> assertThat(service.live(), is(empty())));
    await().untilAsserted(() -> assertThat(SharedServices.openCount(), is(0)));
    assertThat(sessions.size(), is(0));
    service.close();
  }

  private StepConfig config(String job, Isolation isolation) {
    return FnHarness.config(service.address(), job, "step", FnHarness.exec(isolation), 2);
  }

  private static SandboxLease use(Worker worker) {
    SandboxLease lease = worker.sourceOfBundle().lease(Duration.ofMinutes(1));
    lease.sandbox().exec("echo", "x").join();
    return lease;
  }

  @Test
  void givenTwoTokens_thenTheyShareAWorkerUntilTheLastIsGivenBack() {
    WorkerSessions.Token one = sessions.acquire(config("a", Isolation.WORKER));
    WorkerSessions.Token other = sessions.acquire(config("a", Isolation.WORKER));
    Worker worker = one.worker();
    assertThat(other.worker(), is(sameInstance(worker)));
    use(worker).release(SandboxLease.Verdict.CLEAN).join();
    one.release();
    one.release();
    assertThat(service.live(), hasSize(1));
    assertThrows(IllegalStateException.class, one::worker);
    other.release();
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenAWorkerThatTheRunnerForgot_thenTheJanitorClosesItAndTheNextElementOpensAnother() {
    WorkerSessions.Token token = sessions.acquire(config("a", Isolation.WORKER));
    Worker first = token.worker();
    use(first).release(SandboxLease.Verdict.CLEAN).join();
    sessions.closeIdle();
    assertThat("not idle yet", service.live(), hasSize(1));
    clock.advance(WorkerSessions.IDLE_LIMIT.plusSeconds(1));
    sessions.closeIdle();
    await().untilAsserted(() -> assertThat(service.live(), is(empty())));
    assertThat(token.worker(), is(not(sameInstance(first))));
    token.release();
  }

  @Test
  void givenAJobThatIsOver_thenItsTokensOpenNothingAndOtherJobsGoOn() {
    WorkerSessions.Token mine = sessions.acquire(config("a", Isolation.WORKER));
    WorkerSessions.Token other = sessions.acquire(config("b", Isolation.WORKER));
    use(mine.worker()).release(SandboxLease.Verdict.CLEAN).join();
    use(other.worker()).release(SandboxLease.Verdict.CLEAN).join();
    sessions.closeJob("a", Duration.ofSeconds(10));
    assertThat(service.live(), hasSize(1));
    assertThrows(IllegalStateException.class, mine::worker);
    other.worker();
    mine.release();

    WorkerSessions.Token straggler = sessions.acquire(config("a", Isolation.WORKER));
    assertThrows(IllegalStateException.class, straggler::worker);
    assertThat("nothing is kept for it, should its teardown never come", sessions.size(), is(1));

    sessions.startJob("a");
    WorkerSessions.Token again = sessions.acquire(config("a", Isolation.WORKER));
    again.worker();
    again.release();
    other.release();
  }

  @Test
  void givenASweptStep_thenItsPoolIsNotRefilled() {
    WorkerSessions.Token token = sessions.acquire(config("a", Isolation.WORKER));
    SandboxLease underway = use(token.worker());
    use(token.worker()).release(SandboxLease.Verdict.CLEAN).join();
    sessions.retirePools("a", "step").join();
    await().untilAsserted(() -> assertThat(service.live(), hasSize(1)));
    underway.release(SandboxLease.Verdict.CLEAN).join();
    assertThat(service.live(), is(empty()));
    use(token.worker()).release(SandboxLease.Verdict.CLEAN).join();
    assertThat(service.live(), is(empty()));
    token.release();
  }

  @Test
  void givenAPooledSandboxThatSomebodyElseDeleted_thenThePoolIsNotRefilledEither() {
    WorkerSessions.Token token = sessions.acquire(config("a", Isolation.WORKER));
    Worker worker = token.worker();
    use(worker).release(SandboxLease.Verdict.CLEAN).join();
    SandboxLease reused = worker.sourceOfBundle().lease(Duration.ofMinutes(1));
    reused.release(SandboxLease.Verdict.SWEPT).join();
    use(worker).release(SandboxLease.Verdict.CLEAN).join();
    assertThat(service.live(), is(empty()));
    token.release();
  }

  @Test
  void givenAPool_thenItReplacesSandboxesThatAreSpentUncleanTooOldOrUsedUp() {
    WorkerSessions.Token token = sessions.acquire(config("a", Isolation.WORKER));
    SandboxSource pool = token.worker().sourceOfBundle();
    SandboxLease first = pool.lease(Duration.ofMinutes(1));
    first.sandbox().exec("echo").join();
    first.release(SandboxLease.Verdict.SPENT).join();
    assertThat("spent", service.live(), is(empty()));

    SandboxLease second = pool.lease(Duration.ofMinutes(1));
    second.sandbox().exec("echo").join();
    second.release(SandboxLease.Verdict.CLEAN).join();
    assertThat(pool.lease(Duration.ofMinutes(1)).sandbox(), is(sameInstance(second.sandbox())));

    SandboxLease third = pool.lease(Duration.ofMinutes(1));
    third.sandbox().exec("echo").join();
    service.answering(
        request -> SimulatedResults.of(request, ExecOutcome.EXITED, 1, new byte[0], new byte[0]));
    third.release(SandboxLease.Verdict.CLEAN).join();
    assertThat("cannot be emptied", service.live(), hasSize(1));

    service.answering(SimulatedResults::echo);
    SandboxLease fourth = pool.lease(Duration.ofMinutes(1));
    fourth.sandbox().exec("echo").join();
    fourth.release(SandboxLease.Verdict.CLEAN).join();
    clock.advance(SandboxLifetime.SHARED.minusSeconds(30));
    assertThat(
        "would not outlive the command",
        pool.lease(Duration.ofMinutes(1)).sandbox(),
        is(not(sameInstance(fourth.sandbox()))));
    token.release();
  }

  @Test
  void givenSharedServices_thenTheLastHolderClosesAndTwiceIsOnce() {
    StepConfig config = config("a", Isolation.ELEMENT);
    SharedServices.Held one = SharedServices.hold(config.service());
    SharedServices.Held other = SharedServices.hold(config.service());
    SandboxService shared = one.service();
    assertThat(other.service(), is(sameInstance(shared)));
    one.close();
    one.close();
    assertThat(SharedServices.openCount(), is(1));
    other.close();
    assertThat(SharedServices.openCount(), is(0));
  }

  /** The system's timing, whose clocks a test moves on. */
  private static final class MovableTiming implements Timing {
    private Duration moved = Duration.ZERO;

    synchronized void advance(Duration time) {
      moved = moved.plus(time);
    }

    @Override
    public synchronized Instant now() {
      return Timing.system().now().plus(moved);
    }

    @Override
    public synchronized Duration elapsed() {
      return Timing.system().elapsed().plus(moved);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return Timing.system().schedule(delay, task);
    }

    @Override
    public RandomGenerator random() {
      return Timing.system().random();
    }
  }
}
