package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxFileException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Operation;
import io.sandbeam.testing.SimulatedResults;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can go wrong, and that nothing is left of it. The numbers are those of the fault list. */
@Timeout(120)
class SandboxFaultsTest extends FaultyPipelineTest {

  private static List<Command> commands(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Command.of("echo", "" + i).withId("" + i))
        .toList();
  }

  private static SandboxException unavailable() {
    return new SandboxUnavailableException("the way is down", null, Effect.NONE, null);
  }

  private SandboxExec.Result run(Pipeline pipeline, int count) {
    return pipeline
        .apply(Create.of(commands(count)))
        .apply("Run", SandboxExec.commands().withConcurrency(8));
  }

  private static JobAccount end(Pipeline pipeline) {
    JobAccount account = SandboxJob.run(pipeline).orThrow().account().orElseThrow();
    assertThat(account.lines().toString(), account.isClean(), is(true));
    assertThat(account.closed() + account.swept() + account.expired(), is(account.created()));
    return account;
  }

  @Test
  void s2_givenCreatesWhoseAnswersAreLost_thenEachSandboxIsCreatedOnceAndNoneIsLeft() {
    service.loseEveryNthAnswer(Operation.CREATE, 3);
    Pipeline pipeline = pipeline();
    run(pipeline, 20);
    JobAccount account = end(pipeline);
    assertThat(account.succeeded(), is(20L));
    assertThat(service.created(), is(20L));
  }

  @Test
  void givenAServiceThatHoldsCallsBack_thenBeamsCounterHasTheTimeOnceHoweverManyStepsShareIt() {
    service.heldBack(Duration.ofMillis(7));
    Pipeline pipeline = pipeline();
    run(pipeline, 20);
    pipeline
        .apply("More", Create.of(commands(10)))
        .apply("RunMore", SandboxExec.commands().withConcurrency(8));
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    long throttledMs = 0;
    for (MetricResult<Long> counter :
        result
            .metrics()
            .queryMetrics(
                MetricsFilter.builder()
                    .addNameFilter(
                        MetricNameFilter.named("beam-throttling-metrics", "throttling-msecs"))
                    .build())
            .getCounters()) {
      throttledMs += counter.getAttempted();
    }
    assertThat(service.created(), is(30L));
    assertThat(throttledMs, is(30 * 7L));
  }

  @Test
  void s9_givenAJobThatIsSweptWhileItRuns_thenNothingIsCreatedAnyMoreAndEachElementSaysWhy() {
    AtomicInteger calls = new AtomicInteger();
    AtomicLong createdBefore = new AtomicLong();
    service.answering(
        request -> {
          if (calls.incrementAndGet() == 5) {
            Sweep.of(service.client()).job(SandboxOptions.jobId(options)).run().join();
            createdBefore.set(service.created());
          }
          return SimulatedResults.exited(request, 0, "");
        });
    Pipeline pipeline = pipeline();
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands(40)))
            .apply("Run", SandboxExec.commands().withConcurrency(2));
    PAssert.that(result.failures().apply("Reasons", reasons()))
        .satisfies(
            reasons -> {
              reasons.forEach(
                  reason -> assertThat(reason, is(CommandFailure.Reason.JOB_SEALED.name())));
              return null;
            });
    JobAccount account = end(pipeline);

    assertThat("no element is lost", account.done() + account.notRun(), is(40L));
    assertThat(account.notRun(), is(greaterThan(0L)));
    assertThat("none after the sweep", service.created(), is(createdBefore.get()));
    assertThat(
        "one refusal was enough for each worker",
        service.calls(Operation.CREATE).size() - service.created(),
        is(lessThanOrEqualTo(4L)));
  }

  private static MapElements<CommandFailure, String> reasons() {
    return MapElements.into(TypeDescriptors.strings()).via(failure -> failure.reason().name());
  }

  @Test
  void s4_givenSandboxesThatOthersDeleted_thenGoneIsGoneAndTheCommandRunsAgain() {
    AtomicInteger calls = new AtomicInteger();
    service.answering(
        request -> {
          if (calls.incrementAndGet() == 3) {
            service.live().forEach(info -> service.crash(info.id(), "its machine is gone"));
          }
          return SimulatedResults.echo(request);
        });
    Pipeline pipeline = pipeline();
    SandboxExec.Result result = run(pipeline, 10);
    PAssert.thatSingleton(result.results().apply(Count.globally())).isEqualTo(10L);
    assertThat(end(pipeline).succeeded(), is(10L));
  }

  @Test
  void s5s6_givenListsThatLagAndSmallPages_thenTheSweepStillProvesZero() {
    service.listLag(2).pagesOf(2);
    service.failEveryNth(Operation.DELETE, 5, SandboxFaultsTest::unavailable);
    Pipeline pipeline = pipeline();
    run(pipeline, 12);
    end(pipeline);
    assertThat(service.live(), is(empty()));
  }

  @Test
  void s7s8_givenAnotherLiveJobAndOtherTags_thenNoSandboxOfTheirsIsTouched() {
    SandboxDefaults theirs =
        SandboxDefaults.builder().tags(List.of(Tag.job("other-job"), Tag.step("Run"))).build();
    Sandbox other = Sandbox.run(service, theirs);
    Pipeline pipeline = pipeline();
    run(pipeline, 5);
    end(pipeline);
    assertThat(
        service.live().stream().map(info -> info.id()).toList(),
        is(List.of(other.id().orElseThrow())));
    other.close();
  }

  @Test
  void s11_givenDeletesThatFail_thenTheyAreTriedAgainAndTheRunIsClean() {
    service.failEveryNth(Operation.DELETE, 3, SandboxFaultsTest::unavailable);
    Pipeline pipeline = pipeline();
    run(pipeline, 12);
    assertThat(end(pipeline).succeeded(), is(12L));
  }

  @Test
  void s14_givenAStepBehindThatFails_thenTheLauncherSweepsAndTheFailureIsTheJobs() {
    Pipeline pipeline = pipeline();
    run(pipeline, 12)
        .results()
        .apply(
            "Break",
            MapElements.into(TypeDescriptors.strings())
                .via(
                    result -> {
                      throw new IllegalStateException("broken step");
                    }));
    JobResult end = SandboxJob.run(pipeline);
    assertThat(end.state(), is(PipelineResult.State.FAILED));
    assertThat(end.exitCode(), is(JobResult.PIPELINE_FAILED));
    assertThat(end.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.EMPTY));
    SandboxJobException error = assertThrows(SandboxJobException.class, end::orThrow);
    assertThat(error.getMessage(), containsString("broken step"));
  }

  @Test
  void s14_givenAStepBeforeThatFails_thenTheLauncherSweepsReusedSandboxes() {
    Pipeline pipeline = pipeline();
    PCollection<Command> commands =
        pipeline
            .apply(Create.of(commands(6)))
            .apply(
                "BreakLate",
                MapElements.into(TypeDescriptor.of(Command.class))
                    .via(
                        command -> {
                          if ("5".equals(command.getId())) {
                            throw new IllegalStateException("upstream");
                          }
                          return command;
                        }));
    commands.apply(
        "Run",
        SandboxExec.commands()
            .withIsolation(Isolation.WORKER)
            .withRedistribution(Redistribution.NONE));
    JobResult end = SandboxJob.run(pipeline);
    assertThat(end.state(), is(PipelineResult.State.FAILED));
    assertThat(end.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.EMPTY));
  }

  @Test
  void s18_givenInfrastructureThatFailsOnce_thenTheResultTellsTheAttempt() {
    service.failNext(Operation.EXEC, 1, SandboxFaultsTest::unavailable);
    Pipeline pipeline = pipeline();
    SandboxExec.Result result = run(pipeline, 1);
    PAssert.that(
            result
                .results()
                .apply(
                    MapElements.into(TypeDescriptors.integers()).via(CommandResult::getAttempts)))
        .containsInAnyOrder(2);
    JobAccount account = end(pipeline);
    assertThat(account.created(), is(2L));
    assertThat(account.closed(), is(2L));
  }

  @Test
  void givenInfrastructureThatStaysDown_thenItIsAFailureAfterAllAttempts() {
    service.failEveryNth(Operation.EXEC, 1, SandboxFaultsTest::unavailable);
    Pipeline pipeline = pipeline();
    SandboxExec.Result result = run(pipeline, 2);
    PAssert.that(result.failures())
        .satisfies(
            all -> {
              all.forEach(
                  failure -> {
                    assertThat(failure.reason(), is(CommandFailure.Reason.UNAVAILABLE));
                    assertThat(failure.getAttempts(), is(3));
                    assertThat(failure.getMessage(), containsString("the way is down"));
                    assertThat(failure.getElement().getCommand().get(0), is("echo"));
                  });
              return null;
            });
    JobResult end = SandboxJob.run(pipeline).orThrow();
    assertThat(end.exitCode(), is(JobResult.COMMANDS_FAILED));
    assertThat(end.account().orElseThrow().notRun(), is(2L));
    assertThat(service.calls(Operation.EXEC), hasSize(6));
  }

  @Test
  void givenNobodyWhoAsksForFailures_thenTheFirstOneFailsThePipeline() {
    service.images("known");
    Pipeline pipeline = pipeline();
    pipeline
        .apply(Create.of(commands(3)))
        .apply("Run", SandboxExec.commands().withImage("python:3.11"));
    JobResult end = SandboxJob.run(pipeline);
    assertThat(end.exitCode(), is(JobResult.PIPELINE_FAILED));
    SandboxJobException error = assertThrows(SandboxJobException.class, end::orThrow);
    assertThat(error.getMessage(), containsString("could not be run"));
    assertThat(error.getMessage(), containsString("failures()"));
  }

  @Test
  void givenImageThatTheServiceCannotHave_thenThePipelineFailsBeforeItsFirstCommand() {
    service.images("known").preparesImages();
    Pipeline pipeline = pipeline();
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands(10)))
            .apply("Run", SandboxExec.commands().withImage("python:3.11"));
    result.failures().apply("Kept", Count.globally());

    JobResult end = SandboxJob.run(pipeline);

    assertThat(end.exitCode(), is(JobResult.PIPELINE_FAILED));
    SandboxJobException error = assertThrows(SandboxJobException.class, end::orThrow);
    assertThat(error.getMessage(), containsString("Unknown image 'python:3.11'"));
    assertThat(service.calls(Operation.CREATE), is(empty()));
  }

  @Test
  void givenImageThatTheServiceHas_thenCommandsRun() {
    service.images("known").preparesImages();
    Pipeline pipeline = pipeline();
    pipeline.apply(Create.of(commands(3))).apply("Run", SandboxExec.commands().withImage("known"));

    assertThat(end(pipeline).succeeded(), is(3L));
  }

  @Test
  void s19_givenAFileThatCannotBeWritten_thenItsSandboxIsGoneAndTheReasonKept() {
    service.failNext(
        Operation.WRITE_FILE,
        1,
        () ->
            new SandboxFileException(
                SandboxFileException.Reason.PERMISSION_DENIED, "/x", "denied"));
    Pipeline pipeline = pipeline();
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(Command.of("echo").withFile("/x", new byte[] {1})))
            .apply("Run", SandboxExec.commands());
    PAssert.that(result.failures())
        .satisfies(
            all -> {
              assertThat(all.iterator().next().getMessage(), containsString("denied"));
              return null;
            });
    assertThat(SandboxJob.run(pipeline).orThrow().account().orElseThrow().closed(), is(1L));
  }

  @Test
  void s13_givenTheSameSweepTwice_thenItIsHarmless() {
    Pipeline pipeline = pipeline();
    SandboxExec.Result result = run(pipeline, 4);
    result.results().apply("SweepAgain", SandboxSweep.ofStep("Run"));
    end(pipeline);
  }

  @Test
  void s23_givenAListThatFails_thenTheJobIsNotCleanAndSaysHowToSweep() {
    Pipeline pipeline = pipeline();
    run(pipeline, 3);
    // The first list, before the start, still answers.
    service.failEveryNth(
        Operation.LIST, 2, () -> new SandboxAuthenticationException("who are you?", null));
    JobResult end = SandboxJob.run(pipeline);
    assertThat(end.exitCode(), is(JobResult.SANDBOXES_LEFT));
    assertThat(end.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.UNKNOWN));
    assertThat(
        assertThrows(SandboxJobException.class, end::orThrow).getMessage(),
        containsString("scripts/sweep --job="));
    service.healthy();
  }

  @Test
  void givenAJobIdWithLiveSandboxes_thenTheJobIsNotStarted() {
    options.setJobId("nightly");
    Sandbox other =
        Sandbox.run(service, SandboxDefaults.builder().tags(List.of(Tag.job("nightly"))).build());
    Pipeline pipeline = pipeline();
    run(pipeline, 3);
    SandboxException error = assertThrows(SandboxException.class, () -> SandboxJob.run(pipeline));
    assertThat(
        "of another service it would prove nothing",
        error.getMessage(),
        containsString("scripts/sweep --job=nightly --service=" + service.address()));
    assertThat(service.created(), is(1L));
    other.close();
  }

  @Test
  void givenAQuota_thenRunningCommandsAreNotLost() {
    service.quota(2).commandsTake(Duration.ofMillis(5));
    Pipeline pipeline = pipeline();
    pipeline.apply(Create.of(commands(12))).apply("Run", SandboxExec.commands().withConcurrency(2));
    assertThat(end(pipeline).succeeded(), is(12L));
    assertThat(service.mostLive(), is(lessThanOrEqualTo(2)));
  }

  @Test
  void givenTwoSteps_thenTheSweepOfOneNeverEndsTheOthersSandboxes() {
    service.commandsTake(Duration.ofMillis(20));
    Pipeline pipeline = pipeline();
    PCollection<Command> first = pipeline.apply("One", Create.of(commands(3)));
    PCollection<Command> second = pipeline.apply("Two", Create.of(commands(40)));
    SandboxExec<Command, SandboxExec.Result> exec =
        SandboxExec.commands().withIsolation(Isolation.WORKER).withConcurrency(2);
    SandboxExec.Result fast = first.apply("Fast", exec);
    SandboxExec.Result slow = second.apply("Slow", exec);
    PAssert.that(
            fast.results()
                .apply(
                    "A1",
                    MapElements.into(TypeDescriptors.integers()).via(CommandResult::getAttempts)))
        .satisfies(SandboxFaultsTest::allOnes);
    PAssert.that(
            slow.results()
                .apply(
                    "A2",
                    MapElements.into(TypeDescriptors.integers()).via(CommandResult::getAttempts)))
        .satisfies(SandboxFaultsTest::allOnes);
    JobAccount account = end(pipeline);
    assertThat(account.succeeded(), is(43L));
    assertThat("reused", service.created(), is(lessThanOrEqualTo(8L)));
  }

  private static Void allOnes(Iterable<Integer> attempts) {
    attempts.forEach(attempt -> assertThat(attempt, is(1)));
    return null;
  }

  @Test
  void givenOneJobIdEverywhere_thenEverySandboxHasIt() {
    Pipeline pipeline = pipeline();
    run(pipeline, 20);
    JobResult end = SandboxJob.run(pipeline).orThrow();
    assertThat(service.all(), hasSize(20));
    service
        .all()
        .forEach(
            info -> {
              assertThat(info.spec().tags().contains(Tag.job(end.jobId())), is(true));
              assertThat(info.spec().tags().contains(Tag.PRODUCT), is(true));
              assertThat(info.spec().tags().contains(Tag.step("Run")), is(true));
              assertThat(info.spec().tags().contains(Tag.worker(WorkerId.ofThisJvm())), is(true));
            });
    assertThat(end.failure().isPresent(), is(false));
    assertThat(end.account().orElseThrow().took(), is(greaterThan(Duration.ZERO)));
  }

  @Test
  void givenAPoolThatEndsWhileItsStepIsSwept_thenEachSandboxIsCountedOnce() {
    service.stopTakes(Duration.ofMillis(300));
    Pipeline pipeline = pipeline();
    pipeline
        .apply(Create.of(commands(12)))
        .apply("Run", SandboxExec.commands().withConcurrency(4).withIsolation(Isolation.WORKER));
    JobAccount account = end(pipeline);
    assertThat(account.lines().toString(), account.created(), is(service.created()));
  }
}
