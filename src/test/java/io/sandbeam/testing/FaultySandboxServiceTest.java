package io.sandbeam.testing;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each fault is what it says, and the truth is told whatever goes wrong. */
class FaultySandboxServiceTest {
  private static final Tag JOB = Tag.job("test");
  private static final SandboxSpec SPEC = SandboxSpec.builder().tags(List.of(JOB)).build();

  private final FaultySandboxService service = FaultySandboxService.inVirtualTime();

  @AfterEach
  void close() {
    service.close();
  }

  private String create() {
    return service.create(SPEC, RequestId.mint()).join().id();
  }

  private List<String> listed() {
    return service.list(ListRequest.tagged(List.of(JOB))).join().sandboxes().stream()
        .map(SandboxInfo::id)
        .toList();
  }

  private SandboxState state(String id) {
    return service.get(id).join().state();
  }

  private static Throwable failure(CompletableFuture<?> call) {
    return assertThrows(CompletionException.class, call::join).getCause();
  }

  @Test
  void givenLostAnswers_whenCreated_thenTheCallTimesOutAndTheSandboxLives() {
    service.loseEveryNthAnswer(Operation.CREATE, 2);
    create();

    SandboxException lost = (SandboxException) failure(service.create(SPEC, RequestId.mint()));

    assertThat(lost, is(instanceOf(SandboxTimeoutException.class)));
    assertThat(lost.effect(), is(Effect.UNKNOWN));
    assertThat(service.live(JOB), hasSize(2));
  }

  @Test
  void givenLostAnswer_whenRepeatedWithTheSameRequestId_thenStillOneSandbox() {
    service.loseEveryNthAnswer(Operation.CREATE, 2);
    RequestId requestId = RequestId.mint();
    String first = service.create(SPEC, requestId).join().id();
    failure(service.create(SPEC, requestId));

    assertThat(service.create(SPEC, requestId).join().id(), is(first));
    assertThat(service.created(), is(1L));
  }

  @Test
  void givenLostRequests_whenCreated_thenTheCallTimesOutAndNothingIsThere() {
    service.loseEveryNthRequest(Operation.CREATE, 1);

    assertThat(
        failure(service.create(SPEC, RequestId.mint())),
        is(instanceOf(SandboxTimeoutException.class)));

    assertThat(service.created(), is(0L));
  }

  @Test
  void givenEverySeventhAnswerIsLost_whenCalledSeventyTimes_thenTenFailWhateverTheyAre() {
    String id = create();
    service.loseEveryNthAnswer(7);
    int lost = 0;
    for (int i = 0; i < 70; i++) {
      CompletableFuture<?> call =
          i % 2 == 0 ? service.get(id) : service.list(ListRequest.tagged(List.of(JOB)));
      lost += call.isCompletedExceptionally() ? 1 : 0;
    }

    assertThat(lost, is(10));
  }

  @Test
  void givenFailuresToCome_whenCalled_thenExactlyThoseFailInOrder() {
    String id = create();
    service.failNext(
        Operation.GET, 2, () -> new SandboxUnavailableException("down", null, Effect.NONE, null));

    assertThat(failure(service.get(id)), is(instanceOf(SandboxUnavailableException.class)));
    assertThat(failure(service.get(id)), is(instanceOf(SandboxUnavailableException.class)));
    assertThat(state(id), is(SandboxState.RUNNING));
  }

  @Test
  void givenHealthyAgain_thenNothingFails() {
    service.loseEveryNthRequest(1).hangNext(Operation.CREATE, 5).healthy();

    assertThat(listed(), is(empty()));
    assertThat(state(create()), is(SandboxState.RUNNING));
  }

  @Test
  void givenLateCreate_whenTimePasses_thenItAppearsAfterItsCallFailed() {
    service.nextArriveLate(Operation.CREATE, 1, Duration.ofSeconds(5));
    failure(service.create(SPEC, RequestId.mint()));

    service.advance(Duration.ofSeconds(4));
    assertThat(service.live(), is(empty()));
    service.advance(Duration.ofSeconds(1));
    assertThat(service.live(JOB), hasSize(1));
  }

  @Test
  void givenHangingCall_thenItIsNeverAnswered() {
    service.hangNext(Operation.CREATE, 1);
    CompletableFuture<SandboxInfo> call = service.create(SPEC, RequestId.mint());

    service.advance(Duration.ofDays(1));

    assertThat(call.isDone(), is(false));
    assertThat(service.created(), is(0L));
  }

  @Test
  void givenLatency_thenTheCallIsCarriedOutAndAnsweredWhenItIsOver() {
    service.latency(Operation.CREATE, Duration.ofMillis(30));
    CompletableFuture<SandboxInfo> call = service.create(SPEC, RequestId.mint());

    service.advance(Duration.ofMillis(29));
    assertThat(call.isDone(), is(false));
    service.advance(Duration.ofMillis(1));
    assertThat(call.join().state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenListsThatLagByCount_thenBirthAndEndAreUnknownToThatManyLists() {
    service.listLag(2);
    String id = create();
    assertThat(listed(), is(empty()));
    assertThat(listed(), is(empty()));
    assertThat(listed(), contains(id));

    service.delete(DeleteRequest.of(id)).join();

    assertThat(listed(), contains(id));
    assertThat(listed(), contains(id));
    assertThat(listed(), is(empty()));
    assertThat(state(id), is(SandboxState.TERMINATED));
  }

  @Test
  void givenListsThatLagByTime_thenBirthAndEndAreUnknownUntilThen() {
    service.listLag(Duration.ofSeconds(3));
    String id = create();
    assertThat(listed(), is(empty()));
    service.advance(Duration.ofSeconds(3));
    assertThat(listed(), contains(id));

    service.delete(DeleteRequest.of(id)).join();

    assertThat(listed(), contains(id));
    service.advance(Duration.ofSeconds(3));
    assertThat(listed(), is(empty()));
  }

  @Test
  void givenFlappingLists_thenADeletedSandboxIsAbsentThenPresentThenAbsent() {
    service.listFlaps(2);
    String id = create();
    service.delete(DeleteRequest.of(id)).join();

    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      sizes.add(listed().size());
    }

    assertThat(sizes, contains(0, 1, 0, 1, 0, 0, 0));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenBrokenPager_thenThePageAndItsTokenComeAgainAndAgain() {
    service.repeatPageToken().pagesOf(1);
    create();
    create();
    ListRequest request = ListRequest.tagged(List.of(JOB));

    SandboxPage first = service.list(request).join();
    SandboxPage second =
        service.list(request.withPageToken(first.nextPageToken().orElseThrow())).join();

    assertThat(second, is(first));
  }

  @Test
  void givenSlowStops_thenTerminatingUntilTheyAreDone() {
    service.stopTakes(Duration.ofSeconds(2));
    String id = create();
    service.delete(DeleteRequest.of(id)).join();
    assertThat(state(id), is(SandboxState.TERMINATING));
    assertThat(service.live(), hasSize(1));

    service.advance(Duration.ofSeconds(2));

    assertThat(state(id), is(SandboxState.TERMINATED));
  }

  @Test
  void givenStuckStop_thenTerminatingForEverUntilReleased() {
    service.stickNextStops(1);
    String id = create();
    service.delete(DeleteRequest.of(id)).join();
    service.advance(Duration.ofDays(40));
    service.delete(DeleteRequest.of(id)).join();
    assertThat(state(id), is(SandboxState.TERMINATING));

    service.releaseStuck();

    assertThat(state(id), is(SandboxState.TERMINATED));
  }

  @Test
  void givenQuota_whenItIsReached_thenRefusedUntilOneIsGone() {
    service.quota(1);
    String id = create();
    assertThat(
        failure(service.create(SPEC, RequestId.mint())),
        is(instanceOf(SandboxResourceExhaustedException.class)));

    service.delete(DeleteRequest.of(id)).join();

    create();
    assertThat(service.mostLive(), is(1));
  }

  @Test
  void givenLifetime_whenVirtualTimePasses_thenTheSandboxEndsThen() {
    SandboxSpec brief = SPEC.toBuilder().maxLifetime(Duration.ofMinutes(1)).build();
    String id = service.create(brief, RequestId.mint()).join().id();

    service.advance(Duration.ofSeconds(59));
    assertThat(state(id), is(SandboxState.RUNNING));
    service.advance(Duration.ofSeconds(1));
    assertThat(state(id), is(SandboxState.FAILED));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenEndedSandbox_whenItsRecordIsNoLongerKept_thenNotFound() {
    service.keepEnded(Duration.ZERO);
    String id = create();
    service.delete(DeleteRequest.of(id)).join();

    assertThat(failure(service.get(id)), is(instanceOf(SandboxNotFoundException.class)));
    assertThat(
        service
            .delete(DeleteRequest.of(id).withMissingOk(MissingOk.YES))
            .join()
            .sandbox()
            .isPresent(),
        is(false));
  }

  @Test
  void givenCommandUnderWay_whenItsSandboxCrashes_thenItFailsAsNotRunning() {
    service.commandsTake(Duration.ofSeconds(10));
    String id = create();
    CompletableFuture<ExecResult> command = service.exec(id, ExecRequest.of("echo", "a"));

    service.crash(id, "machine lost");

    assertThat(failure(command), is(instanceOf(SandboxNotRunningException.class)));
    assertThat(service.get(id).join().stateReason(), is("machine lost"));
  }

  @Test
  void givenSlowCommand_whenItsTimeoutIsShorter_thenTimedOut() {
    service.commandsTake(Duration.ofSeconds(10));
    CompletableFuture<ExecResult> command =
        service.exec(create(), ExecRequest.builder("x").timeout(Duration.ofSeconds(2)).build());

    service.advance(Duration.ofSeconds(2));

    assertThat(command.join().outcome(), is(ExecOutcome.TIMED_OUT));
  }

  @Test
  void givenFunction_thenItAnswersCommandsAndOutputIsCapped() {
    service.answering(request -> SimulatedResults.exited(request, 3, "0123456789"));

    ExecResult result =
        service.exec(create(), ExecRequest.builder("x").maxOutputBytes(4).build()).join();

    assertThat(result.stdoutUtf8(), is("0123"));
    assertThat(result.stdoutBytesProduced(), is(10L));
    assertThat(result.exitCode(), is(3));
  }

  @Test
  void givenMainProcess_whenItExits_thenCompletedOrFailed() {
    String good = create();
    String bad = create();

    service.exit(good, 0);
    service.exit(bad, 3);

    assertThat(state(good), is(SandboxState.COMPLETED));
    assertThat(state(bad), is(SandboxState.FAILED));
    assertThat(service.get(bad).join().exitCode().getAsInt(), is(3));
  }

  @Test
  void givenCalls_thenTheyAreRecordedInOrderWithTheirArguments() {
    String id = create();
    failure(service.client().get("unknown"));

    assertThat(
        service.calls().stream().map(Call::operation).toList(),
        contains(Operation.CREATE, Operation.GET));
    assertThat(service.calls(Operation.CREATE).get(0).argument(), is(SPEC));
    assertThat(service.calls(Operation.GET).get(0).argument(), is("unknown"));
    assertThat(service.calls(Operation.GET).get(0).thread(), is(Thread.currentThread().getName()));
    assertThat(service.all().get(0).id(), is(id));
  }

  @Test
  void givenAddress_whenOpenedThroughTheRegistry_thenTheSameSandboxesUntilClosed() {
    String id = create();
    String address = service.address();
    try (SandboxService client = SandboxServices.open(address)) {
      assertThat(client.get(id).join().id(), is(id));
    }
    assertThat(service.address(), is(address));

    service.close();

    assertThrows(SandboxException.class, () -> SandboxServices.open(address));
  }
}
