package io.sandbeam.faults;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestEngine;
import io.sandbeam.transforms.Command;
import io.sandbeam.transforms.CommandResult;
import io.sandbeam.transforms.Isolation;
import io.sandbeam.transforms.JobAccount;
import io.sandbeam.transforms.JobResult;
import io.sandbeam.transforms.SandboxExec;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pipelines whose containers run in an OCI runtime that the option names. */
@Timeout(300)
class DockerRuntimeTest {
  private static final int COMMANDS = 6;

  private static SandboxOptions options(String runtime) {
    return PipelineOptionsFactory.fromArgs(
            "--service=" + TestEngine.DOCKER.address(),
            "--serviceSetting=image=" + TestEngine.BUSYBOX,
            "--serviceSetting=pull=never",
            "--dockerRuntime=" + runtime)
        .as(SandboxOptions.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Isolation.class,
      names = {"ELEMENT", "WORKER"})
  void givenGVisor_thenCommandsRunInItWithTheirInputAndEndAsTheyEnd(Isolation isolation) {
    SandboxOptions options = options("runsc");
    Pipeline pipeline = Pipeline.create(options);
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(IntStream.range(0, COMMANDS).mapToObj(i -> command(i)).toList()))
            .apply(
                SandboxExec.commands()
                    .withIsolation(isolation)
                    .withConcurrency(2)
                    .withTimeout(Duration.ofSeconds(60)));
    PAssert.that(result.results())
        .satisfies(
            all -> {
              Set<String> sandboxes = new HashSet<>();
              for (CommandResult one : all) {
                String i = one.getId();
                assertThat(
                    one.stdoutUtf8(),
                    allOf(
                        containsString("Starting gVisor"), containsString("in" + i + "file" + i)));
                assertThat(one.getExitCode(), is(Integer.valueOf(i)));
                sandboxes.add(one.getSandboxId());
              }
              assertThat(
                  "sandboxes used",
                  sandboxes.size() == COMMANDS,
                  is(isolation == Isolation.ELEMENT));
              return null;
            });

    JobAccount account = SandboxJob.run(pipeline).orThrow().account().orElseThrow();

    String lines = account.lines().toString();
    assertThat(lines, account.isClean(), is(true));
    assertThat(lines, account.done(), is((long) COMMANDS));
    nothingIsLeft(options);
  }

  private static Command command(int i) {
    return Command.of("sh", "-c", "dmesg | head -n 1; cat - file; exit " + i)
        .withId("" + i)
        .withStdin(("in" + i).getBytes(StandardCharsets.UTF_8))
        .withFile("file", ("file" + i).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void givenRuntimeThatTheEngineDoesNotHave_thenThePipelineFailsBeforeItsFirstCommand() {
    SandboxOptions options = options("kata");
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(Create.of(Collections.nCopies(COMMANDS, Command.of("true"))))
        .apply(SandboxExec.commands())
        // Also where failures of commands are somebody's business.
        .failures();

    JobResult result = SandboxJob.run(pipeline);

    assertThat(result.exitCode(), is(JobResult.PIPELINE_FAILED));
    assertThat(
        result.failure().orElseThrow().toString(),
        allOf(containsString("'kata'"), containsString("runsc"), containsString("daemon.json")));
    assertThat(result.account().map(JobAccount::created).orElse(0L), is(0L));
    nothingIsLeft(options);
  }

  private static void nothingIsLeft(SandboxOptions options) {
    try (SandboxService service =
        SandboxServices.open(TestEngine.DOCKER.config(TestEngine.BUSYBOX))) {
      List<Tag> job = List.of(Tag.job(options.getJobId()));
      assertThat(service.list(ListRequest.tagged(job)).join().sandboxes(), is(empty()));
    }
  }
}
