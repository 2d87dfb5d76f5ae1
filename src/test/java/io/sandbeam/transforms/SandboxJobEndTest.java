package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Operation;
import java.util.List;
import java.util.function.Supplier;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.PipelineRunner;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.Create;
import org.joda.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ends of a job elsewhere, whose workers are not in the launcher's JVM. */
@Timeout(60)
class SandboxJobEndTest extends FaultyPipelineTest {
  private static SandboxService workersService;
  private static PipelineResult.State state;
  private static Supplier<PipelineResult.State> waiting;

  /** Has one sandbox made elsewhere, then ends as the test says. */
  public static final class RunnerElsewhere extends PipelineRunner<PipelineResult> {
    public static RunnerElsewhere fromOptions(PipelineOptions options) {
      return new RunnerElsewhere();
    }

    @Override
    public PipelineResult run(Pipeline pipeline) {
      String jobId = SandboxOptions.jobId(pipeline.getOptions());
      Sandbox made =
          Sandbox.run(
              workersService, SandboxDefaults.builder().tags(List.of(Tag.job(jobId))).build());
      assertThat(made.id().isPresent(), is(true));
      return new ResultElsewhere();
    }
  }

  private static final class ResultElsewhere implements PipelineResult {
    @Override
    public State getState() {
      return state;
    }

    @Override
    public State cancel() {
      return state;
    }

    @Override
    public State waitUntilFinish(Duration duration) {
      return waiting.get();
    }

    @Override
    public State waitUntilFinish() {
      return waiting.get();
    }

    @Override
    public MetricResults metrics() {
      throw new UnsupportedOperationException("no metrics here");
    }
  }

  private JobResult run(PipelineResult.State now, Supplier<PipelineResult.State> end) {
    workersService = service;
    state = now;
    waiting = end;
    options.setRunner(RunnerElsewhere.class);
    Pipeline pipeline = pipeline();
    pipeline.apply(Create.of(Command.of("true"))).apply(SandboxExec.commands());
    return SandboxJob.run(pipeline);
  }

  @Test
  void givenAnErrorAndNoException_thenTheJobIsSweptAndTheErrorIsItsFailure() {
    JobResult result =
        run(
            PipelineResult.State.FAILED,
            () -> {
              throw new NoClassDefFoundError("org/example/Missing");
            });
    assertThat(result.failure().orElseThrow(), is(instanceOf(NoClassDefFoundError.class)));
    assertThat(result.exitCode(), is(JobResult.PIPELINE_FAILED));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenARunnerThatTellsNoNumbers_thenTheAccountSaysSoAndSuccessIsNotClaimed() {
    JobResult result = run(PipelineResult.State.DONE, () -> PipelineResult.State.DONE);
    JobAccount account = result.account().orElseThrow();
    assertThat(account.commands(), is(JobAccount.Told.NO));
    assertThat(account.lines().get(0), containsString("unknown"));
    assertThat(result.exitCode(), is(JobResult.COMMANDS_FAILED));
    assertThat("a sandbox that no worker reported is counted", account.created(), is(1L));
    assertThat(account.swept(), is(1L));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenALauncherThatIsInterruptedWhileTheJobGoesOn_thenItsSandboxesAreLeftAlone() {
    JobResult result =
        run(
            PipelineResult.State.RUNNING,
            () -> {
              Thread.currentThread().interrupt();
              throw new IllegalStateException(new InterruptedException("told to stop waiting"));
            });
    assertThat("the interrupt is there again", Thread.interrupted(), is(true));
    assertThat(result.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.UNKNOWN));
    assertThat("it is in use", service.live(), hasSize(1));
    endAll();
  }

  @Test
  void givenALauncherThatIsInterruptedAndAJobThatHasEnded_thenItIsSwept() {
    JobResult result =
        run(
            PipelineResult.State.CANCELLED,
            () -> {
              Thread.currentThread().interrupt();
              throw new IllegalStateException(new InterruptedException("told to stop waiting"));
            });
    assertThat(Thread.interrupted(), is(true));
    assertThat(result.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.EMPTY));
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenARunnerThatLosesTouchWithAJobThatGoesOn_thenItsSandboxesAreLeftAlone() {
    JobResult result =
        run(
            PipelineResult.State.RUNNING,
            () -> {
              throw new IllegalStateException("connection lost");
            });
    assertThat(result.failure().orElseThrow().getMessage(), is("connection lost"));
    assertThat(result.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.UNKNOWN));
    assertThat(result.exitCode(), is(JobResult.SANDBOXES_LEFT));
    assertThat("it is in use", service.live(), hasSize(1));
    endAll();
  }

  @Test
  void givenASweepThatFailsBehindAJobThatFails_thenTheJobsOwnFailureIsTold() {
    JobResult result =
        run(
            PipelineResult.State.FAILED,
            () -> {
              service.failNext(
                  Operation.LIST,
                  1,
                  () -> new SandboxAuthenticationException("the key expired", null));
              throw new IllegalStateException("the job's own reason");
            });
    assertThat(result.failure().orElseThrow().getMessage(), is("the job's own reason"));
    assertThat(result.sweep().orElseThrow().outcome(), is(SweepReport.Outcome.UNKNOWN));
    endAll();
  }

  @Test
  void givenADetachedJob_thenNobodyWaitsAndNothingIsSweptAndTheCommandIsTold() {
    options.setDetached(true);
    JobResult result =
        run(
            PipelineResult.State.RUNNING,
            () -> {
              throw new AssertionError("nobody waits for it");
            });
    assertThat(result.isDetached(), is(true));
    assertThat(result.exitCode(), is(JobResult.SUCCESS));
    assertThat(
        result.sweepCommand().orElseThrow(),
        is("scripts/sweep --job=" + result.jobId() + " --service=" + service.address()));
    assertThat("it is in use", service.live(), hasSize(1));
    endAll();
  }

  @Test
  void givenADetachedJobThatWouldEndWithItsLauncher_thenItIsRefused() {
    options.setDetached(true);
    Pipeline pipeline = pipeline();
    pipeline.apply(Create.of(Command.of("true"))).apply(SandboxExec.commands());
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> SandboxJob.run(pipeline));
    assertThat(refused.getMessage(), containsString("--detached"));
    assertThat(refused.getMessage(), containsString("--runner=FlinkRunner"));
  }

  private void endAll() {
    service.live().forEach(info -> service.delete(DeleteRequest.of(info.id())).join());
  }

  @Test
  void s26_givenARun_thenItsAccountNamesTheHostsThatTheProofCovers() {
    JobResult result = run(PipelineResult.State.DONE, () -> PipelineResult.State.DONE);

    JobAccount account = result.account().orElseThrow();
    assertThat(account.sweep().hosts(), is(service.describe().hosts()));
    assertThat(
        account.lines().get(1),
        containsString("0 left (proven empty, " + String.join(", ", service.describe().hosts())));
  }
}
