package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Call;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A sandbox is created once, or certainly not at all. */
class SandboxStartTest extends SimulatedServiceTest {

  @Test
  void givenALazySandbox_thenNothingIsCalledUntilItIsUsed() {
    Sandbox sandbox = lazy();

    assertThat(service.calls(), is(empty()));
    assertThat(await(sandbox.exec("echo", "hi")).stdoutUtf8(), is("hi\n"));
    await(sandbox.stop());
  }

  @Test
  void givenAServiceThatAnswersRunning_thenNoStateIsPolled() {
    Sandbox sandbox = lazy();

    await(sandbox.exec("true"));

    assertThat(service.calls(Operation.GET), is(empty()));
    await(sandbox.stop());
    assertThat(service.calls(Operation.GET), is(empty()));
  }

  @Test
  void givenASlowStart_thenConcurrentWaitersShareOnePollLoop() {
    service.startTakes(Duration.ofSeconds(10));
    Sandbox sandbox = lazy();

    List<CompletableFuture<SandboxInfo>> waits =
        java.util.stream.IntStream.range(0, 50).mapToObj(i -> sandbox.waitUntilRunning()).toList();
    waits.forEach(this::await);

    assertThat(service.calls(Operation.CREATE), hasSize(1));
    assertThat(service.calls(Operation.GET).size(), is(lessThan(20)));
    assertThat(waits.get(49).join().state(), is(SandboxState.RUNNING));
    await(sandbox.stop());
  }

  @Test
  void givenAStartBeyondItsLimit_thenTheWaitFailsAndTheSandboxCanBeStopped() {
    service.startTakes(Duration.ofMinutes(10));
    Sandbox sandbox =
        Sandbox.owned(
            service, TAGGED.toBuilder().startTimeout(Duration.ofSeconds(30)).build(), time);

    SandboxException failure = failureOf(sandbox.exec("true"));

    assertThat(failure, is(instanceOf(SandboxTimeoutException.class)));
    assertThat(failure.getMessage(), containsString("was not running after 30.0 s"));
    assertThat(time.elapsed().toSeconds(), is(30L));
    await(sandbox.stop());
  }

  @Test
  void givenALostAnswer_thenTheSameRequestIsRepeatedAndOneSandboxExists() {
    service.loseEveryNthAnswer(Operation.CREATE, 1);
    Sandbox sandbox = lazy();
    CompletableFuture<SandboxInfo> start = sandbox.start();
    time.advance(Duration.ofSeconds(3));
    service.healthy();

    await(start);

    assertThat(service.created(), is(1L));
    assertThat(service.calls(Operation.CREATE).size(), is(greaterThan(1)));
    assertThat(requestsSent(), hasSize(1));
    await(sandbox.stop());
  }

  @Test
  void givenNoAnswerForTheWholeBudget_thenTheSandboxIsFoundByItsTagsAndAnnotation() {
    service.loseEveryNthAnswer(Operation.CREATE, 1);
    Sandbox other = lazy();
    Sandbox sandbox = lazy();
    CompletableFuture<SandboxInfo> first = other.start();
    CompletableFuture<SandboxInfo> second = sandbox.start();

    assertThat(await(first).id(), is(not(await(second).id())));

    assertThat(service.created(), is(2L));
    await(other.stop());
    await(sandbox.stop());
  }

  @Test
  void givenADoubtThatCannotBeCleared_thenStopDoesNotPretendAndClearsItLater() {
    service.loseEveryNthAnswer(Operation.CREATE, 1);
    service.failEveryNth(Operation.LIST, 1, () -> unavailable(Effect.NONE));
    Sandbox sandbox = lazy();

    SandboxException failure = failureOf(sandbox.start());
    assertThat(failure.effect(), is(Effect.UNKNOWN));
    assertThat(failure.getMessage(), containsString("--tag=sandbeam --tag=job.a"));
    assertThat(failure.getMessage(), containsString("tries in 30.0 s"));
    assertThat(failureOf(sandbox.stop()).effect(), is(Effect.UNKNOWN));
    assertThat(service.live(), hasSize(1));

    service.healthy();
    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.STOPPED));
    assertThat(service.created(), is(1L));
    assertThat(requestsSent(), hasSize(1));
  }

  @Test
  void givenTriesThatFailAmbiguouslyAndThenARejection_thenTheDoubtRemains() {
    service.loseEveryNthAnswer(Operation.CREATE, 1);
    service.failEveryNth(Operation.LIST, 1, () -> unavailable(Effect.NONE));
    Sandbox sandbox = lazy();
    CompletableFuture<SandboxInfo> start = sandbox.start();
    service.failNext(
        Operation.CREATE, 1, () -> new SandboxValidationException("image", "Simulated: refused"));

    assertThat(failureOf(start).effect(), is(Effect.UNKNOWN));

    service.healthy();
    await(sandbox.stop());
  }

  @Test
  void givenADefiniteRejection_thenTheRequestIsFreeAndNothingIsRetried() {
    service.failNext(
        Operation.CREATE, 1, () -> new SandboxValidationException("image", "Simulated: refused"));
    Sandbox sandbox = lazy();

    assertThat(failureOf(sandbox.start()), is(instanceOf(SandboxValidationException.class)));
    assertThat(service.calls(Operation.CREATE), hasSize(1));
    await(sandbox.start());

    assertThat(requestsSent(), hasSize(2));
    await(sandbox.stop());
  }

  @Test
  void givenAQuotaThatIsFull_thenItIsTriedForTheBudgetAndTheKindOfFailureIsKept() {
    service.quota(0);
    Sandbox sandbox = lazy();

    SandboxException failure = failureOf(sandbox.start());

    assertThat(failure, is(instanceOf(SandboxResourceExhaustedException.class)));
    assertThat(failure.getMessage(), containsString("gave up after"));
    assertThat(failure.effect(), is(Effect.NONE));
    assertThat(time.elapsed().toSeconds(), is(30L));
    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.NEVER_STARTED));
  }

  @Test
  void givenAHint_thenTheNextTryIsNotEarlierAndAboveTenSecondsItIsCutToTen() {
    service.failNext(Operation.CREATE, 1, () -> unavailable(Duration.ofSeconds(4)));
    service.failNext(Operation.CREATE, 1, () -> unavailable(Duration.ofHours(1)));
    Sandbox sandbox = lazy();

    await(sandbox.start());

    List<Call> creates = service.calls(Operation.CREATE);
    long first = Duration.between(creates.get(0).at(), creates.get(1).at()).toMillis();
    long second = Duration.between(creates.get(1).at(), creates.get(2).at()).toMillis();
    assertThat(first, is(greaterThanOrEqualTo(4_000L)));
    assertThat(first, is(lessThan(4_401L)));
    assertThat(second, is(greaterThanOrEqualTo(10_000L)));
    assertThat(second, is(lessThan(11_001L)));
    await(sandbox.stop());
  }

  @Test
  void givenACreateInFlight_thenStopWaitsForItsAnswerAndDeletes() {
    service.latency(Operation.CREATE, Duration.ofSeconds(20));
    Sandbox sandbox = lazy();
    CompletableFuture<SandboxInfo> start = sandbox.start();

    CompletableFuture<StopResult> stop = sandbox.stop();
    assertThat(stop.isDone(), is(false));

    assertThat(await(stop).outcome(), is(StopOutcome.STOPPED));
    assertThat(start.isDone(), is(true));
    assertThat(service.created(), is(1L));
  }

  @Test
  void givenAnAnswerLaterThanTheLimitOfTheCall_thenItStillNamesTheSandbox() {
    service.latency(Operation.CREATE, Duration.ofSeconds(75));
    service.failEveryNth(Operation.LIST, 1, () -> unavailable(Effect.NONE));
    Sandbox sandbox = lazy();

    SandboxInfo info = await(sandbox.start());

    assertThat(sandbox.id().orElseThrow(), is(info.id()));
    time.advance(Duration.ofMinutes(5));
    assertThat(service.created(), is(1L));
    service.healthy();
    await(sandbox.stop());
  }

  @Test
  void givenACreateThatIsNeverAnswered_thenTheCallIsGivenUpAndRepeated() {
    service.hangNext(Operation.CREATE, 1);
    Sandbox sandbox = lazy();

    await(sandbox.start());

    assertThat(requestsSent(), hasSize(1));
    assertThat(time.elapsed().toSeconds(), is(60L));
    await(sandbox.stop());
  }

  @Test
  void givenARequestThatArrivesLongAfterItsTimeOut_thenItIsStillOneSandbox() {
    service.nextArriveLate(Operation.CREATE, 1, Duration.ofSeconds(20));
    Sandbox sandbox = lazy();

    await(sandbox.start());
    time.advance(Duration.ofMinutes(1));

    assertThat(service.created(), is(1L));
    await(sandbox.stop());
  }

  @Test
  void givenASandboxStoppedBeforeItsStart_thenItNeverStarts() {
    Sandbox sandbox = lazy();

    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.NEVER_STARTED));
    assertThat(failureOf(sandbox.start()).getMessage(), containsString("stopped before"));
    assertThat(failureOf(sandbox.exec("true")), is(instanceOf(SandboxException.class)));
    assertThat(service.calls(), is(empty()));
  }

  @Test
  void givenASandboxThatFailsWhileStarting_thenTheWaitSaysSo() {
    service.startTakes(Duration.ofSeconds(10));
    Sandbox sandbox = lazy();
    CompletableFuture<SandboxInfo> wait = sandbox.waitUntilRunning();
    service.crash(sandbox.id().orElseThrow(), "the machine was lost");

    SandboxException failure = failureOf(wait);

    assertThat(failure, is(instanceOf(SandboxNotRunningException.class)));
    assertThat(failure.getMessage(), containsString("the machine was lost"));
    assertThat(await(sandbox.stop()).outcome(), is(StopOutcome.ALREADY_ENDED));
    assertThat(service.calls(Operation.DELETE), is(empty()));
  }

  @Test
  void givenDefaults_thenTheSandboxIsBornWithTheProductTagAndItsRequestId() {
    Sandbox sandbox = lazy();
    SandboxSpec spec = await(sandbox.start()).spec();

    assertThat(List.copyOf(spec.tags()), is(List.of(Tag.PRODUCT, Tag.of("job.a"))));
    assertThat(spec.annotations().keySet(), is(Set.of(Startup.REQUEST_ANNOTATION)));
    await(sandbox.stop());
  }

  private Set<String> requestsSent() {
    return service.calls(Operation.CREATE).stream()
        .map(call -> ((SandboxSpec) call.argument()).annotations().get(Startup.REQUEST_ANNOTATION))
        .collect(Collectors.toSet());
  }
}
