package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.OnFailure;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxExecutionException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Stopped means gone: terminal, or unknown to the service. */
class SandboxStopTest extends SimulatedServiceTest {

  private Sandbox started() {
    Sandbox sandbox = lazy();
    await(sandbox.start());
    return sandbox;
  }

  @Test
  void givenASlowEnd_thenStopCompletesOnlyAtTheTerminalState() {
    service.stopTakes(Duration.ofSeconds(5));
    Sandbox sandbox = started();

    CompletableFuture<StopResult> stop = sandbox.stop();
    time.advance(Duration.ofSeconds(4));
    assertThat(stop.isDone(), is(false));

    StopResult result = await(stop);
    assertThat(result.outcome(), is(StopOutcome.STOPPED));
    assertThat(result.sandbox().orElseThrow().state(), is(SandboxState.TERMINATED));
  }

  @Test
  void givenConcurrentStops_thenOneDeleteIsSentAndAllGetItsResult() {
    service.stopTakes(Duration.ofSeconds(5));
    Sandbox sandbox = started();

    CompletableFuture<StopResult> one = sandbox.stop();
    CompletableFuture<StopResult> other = sandbox.stop(StopOptions.DEFAULT);

    assertThat(await(one), is(await(other)));
    assertThat(await(sandbox.stop()), is(await(one)));
    assertThat(service.calls(Operation.DELETE), hasSize(1));
  }

  @Test
  void givenOneCallerCancels_thenTheOthersStillGetTheResult() {
    service.stopTakes(Duration.ofSeconds(5));
    Sandbox sandbox = started();

    CompletableFuture<StopResult> one = sandbox.stop();
    CompletableFuture<StopResult> other = sandbox.stop();
    one.cancel(true);

    assertThat(await(other).outcome(), is(StopOutcome.STOPPED));
  }

  @Test
  void givenAFailedStop_thenItCanBeTriedAgain() {
    Sandbox sandbox = started();
    service.failEveryNth(Operation.DELETE, 1, () -> unavailable(Effect.NONE));

    SandboxException failure = failureOf(sandbox.stop());
    assertThat(failure.getMessage(), containsString("gave up after"));
    assertThat(service.live(), hasSize(1));

    service.healthy();
    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.STOPPED));
  }

  @Test
  void givenDeletesThatAreRefusedForAWhile_thenTheyAreRepeatedAsTheServiceAsks() {
    Sandbox sandbox = started();
    service.failNext(Operation.DELETE, 3, () -> unavailable(Duration.ofSeconds(2)));

    await(sandbox.stop());

    assertThat(service.calls(Operation.DELETE), hasSize(4));
    assertThat(time.elapsed().toSeconds(), is(6L));
  }

  @Test
  void givenADeleteWhoseAnswerIsLost_thenItCountsAsStoppedByUs() {
    Sandbox sandbox = started();
    service.keepEnded(Duration.ZERO).loseEveryNthAnswer(Operation.DELETE, 1);
    CompletableFuture<StopResult> stop = sandbox.stop();
    service.healthy();

    assertThat(await(stop).outcome(), is(StopOutcome.STOPPED));
  }

  @Test
  void givenASandboxThatIsGone_thenStopSucceedsUnlessMissingIsNotOk() {
    service.keepEnded(Duration.ZERO);
    Sandbox one = started();
    Sandbox other = started();
    service.live().forEach(info -> await(service.delete(DeleteRequest.of(info.id()))));

    assertThat(await(one.stop()).outcome(), is(StopOutcome.ALREADY_GONE));
    assertThat(
        failureOf(other.stop(StopOptions.DEFAULT.withMissingOk(MissingOk.NO))),
        is(instanceOf(SandboxNotFoundException.class)));
  }

  @Test
  void givenARecordThatVanishesWhileStopWaits_thenItIsGone() {
    service.stopTakes(Duration.ofSeconds(3)).keepEnded(Duration.ZERO);
    Sandbox sandbox = started();

    StopResult result = await(sandbox.stop());

    assertThat(result.outcome(), is(StopOutcome.STOPPED));
    assertThat(result.sandbox().isEmpty(), is(true));
  }

  @Test
  void givenASandboxThatDoesNotEnd_thenItIsStuckAndStillTracked() {
    Session session = Session.open(service, TAGGED, time);
    Sandbox sandbox = session.sandbox();
    await(sandbox.start());
    service.stickNextStops(1);

    SandboxException failure = failureOf(sandbox.stop());

    assertThat(failure, is(instanceOf(SandboxTimeoutException.class)));
    assertThat(failure.getMessage(), containsString("is stuck"));
    assertThat(session.sandboxCount(), is(1));
    service.releaseStuck();
    await(session.closeAsync());
    assertThat(session.sandboxCount(), is(0));
  }

  @Test
  void givenPollsThatFailForAWhile_thenStopGoesOn() {
    service.stopTakes(Duration.ofSeconds(10));
    Sandbox sandbox = started();
    service.failNext(Operation.GET, 5, () -> unavailable(Effect.NONE));

    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.STOPPED));
    assertThat(service.calls(Operation.GET).size(), is(greaterThan(5)));
  }

  @Test
  void givenALifetimeThatEnded_thenWaitSeesItAndStopSendsNothing() {
    Sandbox sandbox = started();

    SandboxInfo end = await(sandbox.waitUntilComplete());

    assertThat(end.state(), is(SandboxState.FAILED));
    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.ALREADY_ENDED));
    assertThat(service.calls(Operation.DELETE), is(empty()));
  }

  @Test
  void givenSnapshotOnStop_thenItsIdIsInTheResultAndARepeatedDeleteTakesNoSecondOne() {
    Sandbox sandbox = started();
    await(sandbox.writeFile("/workspace/a", new byte[] {1}));
    service.loseEveryNthAnswer(Operation.DELETE, 1);
    CompletableFuture<StopResult> stop =
        sandbox.stop(StopOptions.DEFAULT.withSnapshotOnStop(SnapshotOnStop.YES));
    service.healthy();

    StopResult result = await(stop);

    assertThat(result.snapshotIds(), hasSize(1));
    Snapshot snapshot = await(service.getSnapshot(result.snapshotIds().get(0)));
    assertThat(snapshot.trigger(), is(Snapshot.Trigger.ON_DELETE));
    Sandbox restored =
        Sandbox.owned(service, TAGGED.toBuilder().restoreFrom(snapshot.id()).build(), time);
    assertThat(await(restored.readFile("/workspace/a")), is(new byte[] {1}));
    await(restored.stop());
  }

  @Test
  void givenASnapshotThatTakesTime_thenTheCallWaitsUntilItIsReady() {
    service.snapshotsTake(Duration.ofSeconds(5));
    Sandbox sandbox = started();

    assertThat(await(sandbox.snapshot()).state(), is(Snapshot.State.READY));
    await(sandbox.stop());
  }

  @Test
  void givenAStoppedSandbox_thenCommandsAreRefusedAtOnce() {
    Sandbox sandbox = started();
    await(sandbox.stop());

    assertThat(failureOf(sandbox.exec("true")), is(instanceOf(SandboxNotRunningException.class)));
    assertThat(service.calls(Operation.EXEC), is(empty()));
  }

  @Test
  void givenACommandThatMustSucceed_thenItsFailureHoldsTheWholeResult() {
    ExecResult failed =
        new ExecResult(
            java.util.List.of("false"),
            ExecOutcome.EXITED,
            3,
            new ExecResult.Output(new byte[0], 0),
            new ExecResult.Output("boom".getBytes(java.nio.charset.StandardCharsets.UTF_8), 4),
            Instant.EPOCH,
            Duration.ZERO,
            0);
    service.answering(request -> failed);
    Sandbox sandbox = started();

    assertThat(await(sandbox.exec("false")).exitCode(), is(3));
    SandboxException failure =
        failureOf(sandbox.exec(ExecRequest.builder("false").check(OnFailure.THROW).build()));

    assertThat(((SandboxExecutionException) failure).result(), is(failed));
    await(sandbox.stop());
  }

  @Test
  void givenAServiceThatNeverAnswersACommand_thenTheCallerIsFreedAfterItsLimit() {
    Sandbox sandbox = started();
    service.hangNext(Operation.EXEC, 1);

    SandboxException failure =
        failureOf(
            sandbox.exec(ExecRequest.builder("true").timeout(Duration.ofSeconds(10)).build()));

    assertThat(failure, is(instanceOf(SandboxTimeoutException.class)));
    assertThat(time.elapsed().toSeconds(), is(40L));
    await(sandbox.stop());
  }
}
