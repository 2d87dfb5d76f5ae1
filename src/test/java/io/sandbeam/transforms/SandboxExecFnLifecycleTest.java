package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.beam.sdk.transforms.windowing.GlobalWindow;
import org.apache.beam.sdk.transforms.windowing.IntervalWindow;
import org.joda.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What runners do to a DoFn instance, and what it must bear. */
@Timeout(60)
class SandboxExecFnLifecycleTest {
  private FaultySandboxService service;

  @BeforeEach
  void open() {
    service = FaultySandboxService.inMemory();
  }

  @AfterEach
  void leavesNothing() {
    await()
        .untilAsserted(
            () -> {
              assertThat(service.live(), is(empty()));
              assertThat(WorkerSessions.ofThisJvm().size(), is(0));
              assertThat(SharedServices.openCount(), is(0));
            });
    service.close();
    await()
        .untilAsserted(
            () ->
                assertThat(
                    Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name -> name.equals("sandbeam-close"))
                        .collect(Collectors.toList()),
                    is(empty())));
  }

  private FnHarness instance(Isolation isolation, int concurrency) {
    return new FnHarness(
        FnHarness.config(service.address(), "job", "step", FnHarness.exec(isolation), concurrency));
  }

  @Test
  void givenAnInstanceThatSeesNoElement_thenNothingIsOpened() throws Exception {
    FnHarness instance = instance(Isolation.ELEMENT, 2);
    instance.fn.setup();
    instance.fn.startBundle();
    instance.finish();
    assertThat(SharedServices.openCount(), is(0));
    assertThat(service.calls(), is(empty()));
    instance.fn.teardown();
  }

  @ParameterizedTest
  @EnumSource(Isolation.class)
  void givenTeardownTwice_thenTheSecondChangesNothing(Isolation isolation) throws Exception {
    FnHarness one = instance(isolation, 2);
    FnHarness other = instance(isolation, 2);
    one.fn.setup();
    other.fn.setup();
    one.fn.startBundle();
    one.process(Command.of("echo", "a"));
    one.finish();
    one.fn.teardown();
    one.fn.teardown();
    // Counted by calls, the second teardown would have closed the session under the other instance.
    assertThat(WorkerSessions.ofThisJvm().size(), is(1));
    other.fn.startBundle();
    other.process(Command.of("echo", "b"));
    other.finish();
    assertThat(other.resultsSeen, hasSize(1));
    other.fn.teardown();
  }

  @Test
  void givenTeardownWithTheInterruptFlagSet_thenSandboxesEndAndTheFlagIsKept() throws Exception {
    FnHarness instance = instance(Isolation.WORKER, 2);
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("echo", "a"));
    instance.finish();
    assertThat(service.live(), hasSize(1));
    Thread.currentThread().interrupt();
    instance.fn.teardown();
    assertThat(Thread.interrupted(), is(true));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenAServiceThatCannotStop_thenTeardownDoesNotThrowAndIsShort() throws Exception {
    FnHarness instance = instance(Isolation.WORKER, 2);
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("echo", "a"));
    instance.finish();
    service.stickNextStops(1);
    long start = System.nanoTime();
    instance.fn.teardown();
    assertThat(
        Duration.ofNanos(System.nanoTime() - start),
        is(lessThan(WorkerSessions.CLOSE_DEADLINE.plusSeconds(5))));
    service.releaseStuck();
  }

  @Test
  void givenTeardownWhileAnElementIsProcessed_thenItsThreadComesBackAndNothingIsLeft()
      throws Exception {
    FnHarness instance = instance(Isolation.ELEMENT, 1);
    service.commandsTake(Duration.ofMinutes(2));
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("sleep"));
    CompletableFuture<Void> blocked =
        CompletableFuture.runAsync(
            () -> {
              try {
                instance.process(Command.of("sleep"));
              } catch (InterruptedException e) {
                throw new CompletionException(e);
              }
            });
    await().until(() -> service.live().size() == 1);
    instance.fn.teardown();
    ExecutionException error =
        assertThrows(ExecutionException.class, () -> blocked.get(20, TimeUnit.SECONDS));
    assertThat(error.getCause() instanceof IllegalStateException, is(true));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenAnInterruptWhileBlocked_thenCommandsAreKilledAndTheInterruptGoesOn() throws Exception {
    FnHarness instance = instance(Isolation.ELEMENT, 1);
    service.commandsTake(Duration.ofMinutes(2));
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("sleep"));
    await().until(() -> service.calls(Operation.EXEC).size() == 1);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> instance.process(Command.of("sleep")));
    assertThat(service.live(), is(empty()));
    assertThat("never tried again", service.calls(Operation.EXEC), hasSize(1));
    instance.fn.teardown();
  }

  @Test
  void givenABundleThatTheRunnerForgot_thenTheNextStartEndsItsCommands() throws Exception {
    FnHarness instance = instance(Isolation.ELEMENT, 4);
    service.commandsTake(Duration.ofMinutes(2));
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("sleep"));
    instance.process(Command.of("sleep"));
    instance.fn.startBundle();
    assertThat(service.live(), is(empty()));
    instance.finish();
    assertThat(instance.resultsSeen, is(empty()));
    instance.fn.teardown();
  }

  @Test
  void givenManyInstances_thenTheyShareOneSessionAndItsConcurrency() throws Exception {
    service.commandsTake(Duration.ofMillis(50));
    FnHarness one = instance(Isolation.ELEMENT, 3);
    FnHarness other = instance(Isolation.ELEMENT, 3);
    CompletableFuture<?> first = CompletableFuture.runAsync(() -> runBundle(one, 20));
    CompletableFuture<?> second = CompletableFuture.runAsync(() -> runBundle(other, 20));
    CompletableFuture.allOf(first, second).get(30, TimeUnit.SECONDS);
    assertThat(one.resultsSeen, hasSize(20));
    assertThat(other.resultsSeen, hasSize(20));
    assertThat("really parallel", service.mostLive(), is(greaterThan(1)));
    assertThat("live sandboxes never exceed it", service.mostLive(), is(lessThanOrEqualTo(3)));
  }

  private static void runBundle(FnHarness instance, int commands) {
    try {
      instance.fn.setup();
      instance.fn.startBundle();
      for (int i = 0; i < commands; i++) {
        instance.process(Command.of("echo", "x"));
      }
      instance.finish();
      instance.fn.teardown();
    } catch (InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  @Test
  void givenManyCommands_thenEveryResultIsEmittedOnTheRunnersThreadAndEarly() throws Exception {
    service.commandsTake(Duration.ofMillis(5));
    FnHarness instance = instance(Isolation.ELEMENT, 4);
    instance.fn.setup();
    instance.fn.startBundle();
    for (int i = 0; i < 50; i++) {
      instance.process(Command.of("echo", "x"));
    }
    assertThat("not held for the bundle's end", instance.resultsSeen.size(), is(greaterThan(40)));
    instance.finish();
    assertThat(instance.resultsSeen, hasSize(50));
    assertThat(instance.emittedOn, is(Set.of(Thread.currentThread())));
    instance.fn.teardown();
  }

  @Test
  void givenElementsInWindows_thenEachResultHasItsElementsTimestampAndAllItsWindows()
      throws Exception {
    FnHarness instance = instance(Isolation.ELEMENT, 4);
    IntervalWindow early = new IntervalWindow(Instant.ofEpochMilli(0), Instant.ofEpochMilli(10));
    IntervalWindow late = new IntervalWindow(Instant.ofEpochMilli(5), Instant.ofEpochMilli(15));
    service.commandsTake(Duration.ofMillis(30));
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("echo", "1").withId("1"), Instant.ofEpochMilli(7), early, late);
    // A later element with an earlier timestamp: the first one's result comes out under it or not.
    for (int i = 2; i < 12; i++) {
      instance.process(Command.of("echo", "" + i).withId("" + i), Instant.ofEpochMilli(1), early);
    }
    instance.finish();
    var first =
        instance.resultsSeen.stream()
            .filter(value -> "1".equals(value.getValue().getString("id")))
            .toList();
    assertThat(
        first.stream().allMatch(value -> value.getTimestamp().equals(Instant.ofEpochMilli(7))),
        is(true));
    assertThat(
        first.stream().flatMap(value -> value.getWindows().stream()).collect(Collectors.toSet()),
        is(equalTo(Set.of(early, late))));
    assertThat("one run for all windows", service.calls(Operation.EXEC), hasSize(11));
    assertThat(instance.resultsSeen.isEmpty(), is(not(true)));
    instance.fn.teardown();
  }

  @Test
  void givenARowThatMakesNoCommand_thenItFailsTheBundleUnlessFailuresAreAskedFor()
      throws Exception {
    FnHarness instance = instance(Isolation.ELEMENT, 4);
    service.commandsTake(Duration.ofMinutes(2));
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("sleep"));
    Command bad = Command.of("echo").withEnv(Map.of("not a name", "x")).withId("bad");
    CommandNotRunException error =
        assertThrows(CommandNotRunException.class, () -> instance.process(bad));
    assertThat(error.getMessage().contains("'not a name'"), is(true));
    assertThat("the bundle's other commands were ended first", service.live(), is(empty()));

    service.commandsTake(Duration.ZERO);
    instance.route.toOutput();
    instance.fn.startBundle();
    instance.process(bad, Instant.ofEpochMilli(3), GlobalWindow.INSTANCE);
    instance.finish();
    assertThat(instance.failuresSeen, hasSize(1));
    assertThat(instance.failuresSeen.get(0).getTimestamp(), is(Instant.ofEpochMilli(3)));
    assertThat(instance.failuresSeen.get(0).getValue().getString("reason"), is("INVALID_ELEMENT"));
    assertThat(instance.failuresSeen.get(0).getValue().getString("id"), is("bad"));
    instance.fn.teardown();
  }

  @ParameterizedTest
  @EnumSource(Isolation.class)
  void givenASessionThatIsClosedUnderABundle_thenTheBundleFailsAndNoElementIsWrittenOff(
      Isolation isolation) throws Exception {
    service.commandsTake(Duration.ofMinutes(1));
    ExecConfig once = FnHarness.exec(isolation).toBuilder().maxAttempts(1).build();
    FnHarness instance = new FnHarness(FnHarness.config(service.address(), "job", "step", once, 2));
    instance.route.toOutput();
    instance.fn.setup();
    instance.fn.startBundle();
    instance.process(Command.of("echo", "a").withId("a"));
    await().untilAsserted(() -> assertThat(service.live(), hasSize(1)));
    try {
      WorkerSessions.ofThisJvm().closeJob("job", Duration.ofSeconds(20));
      assertThrows(IllegalStateException.class, instance::finish);
    } finally {
      WorkerSessions.ofThisJvm().startJob("job");
      instance.fn.teardown();
    }
    assertThat("another worker will run it", instance.failuresSeen, is(empty()));
    assertThat(instance.resultsSeen, is(empty()));
  }
}
