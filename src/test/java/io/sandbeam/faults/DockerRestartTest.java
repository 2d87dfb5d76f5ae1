package io.sandbeam.faults;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.testing.TestEngine;
import io.sandbeam.transforms.Command;
import io.sandbeam.transforms.CommandResult;
import io.sandbeam.transforms.JobAccount;
import io.sandbeam.transforms.SandboxExec;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An engine ends under the containers of a job, and comes back: its commands are the
 * infrastructure's victims, and run again.
 */
@Timeout(300)
class DockerRestartTest {
  private static final int COMMANDS = 12;

  private final TestEngine engine = TestEngine.another();

  @AfterEach
  void end() {
    engine.close();
  }

  @ParameterizedTest
  @EnumSource(TestEngine.Ending.class)
  void givenEngineThatIsRestarted_thenEveryCommandRunsToItsEndAndNothingIsLeft(
      TestEngine.Ending ending) throws Exception {
    String marker = "sandbeam-restart-" + ending + "-" + System.nanoTime();
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs(
                "--service=" + engine.address(),
                "--serviceSetting=image=" + TestEngine.BUSYBOX,
                "--serviceSetting=pull=never")
            .as(SandboxOptions.class);
    Pipeline pipeline = Pipeline.create(options);
    List<Command> commands =
        IntStream.range(0, COMMANDS)
            .mapToObj(i -> Command.of("sh", "-c", "sleep 3; echo $1", marker, "" + i))
            .toList();
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(commands))
            .apply(SandboxExec.commands().withConcurrency(4).withTimeout(Duration.ofSeconds(60)));
    PAssert.that(result.results())
        .satisfies(
            all -> {
              int repeated = 0;
              for (CommandResult one : all) {
                assertThat(one.toString(), one.getExitCode(), is(0));
                repeated += one.getAttempts() > 1 ? 1 : 0;
              }
              assertThat("commands that ran again", repeated, is(greaterThan(0)));
              return null;
            });

    CompletableFuture<JobAccount> job =
        CompletableFuture.supplyAsync(
            () -> SandboxJob.run(pipeline).orThrow().account().orElseThrow());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> ProcessTable.holding(marker).size(), greaterThan(2));
    engine.restart(ending);

    JobAccount account = job.get(200, TimeUnit.SECONDS);
    assertThat(account.lines().toString(), account.isClean(), is(true));
    assertThat(account.lines().toString(), account.allSucceeded(), is(true));
    assertThat(account.lines().toString(), account.done(), is((long) COMMANDS));
    assertThat(ProcessTable.holding(marker), is(empty()));
    try (SandboxService service = SandboxServices.open(engine.config(TestEngine.BUSYBOX))) {
      SweepReport report =
          Sweep.of(service).job(options.getJobId()).quietTime(Duration.ofMillis(200)).run().join();
      assertThat(report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
      assertThat(report.line(), report.deleted(), is(0));
    }
  }
}
