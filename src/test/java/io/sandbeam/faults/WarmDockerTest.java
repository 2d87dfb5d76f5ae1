package io.sandbeam.faults;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestEngine;
import io.sandbeam.transforms.Command;
import io.sandbeam.transforms.CommandResult;
import io.sandbeam.transforms.JobAccount;
import io.sandbeam.transforms.SandboxExec;
import io.sandbeam.transforms.SandboxJob;
import io.sandbeam.transforms.SandboxOptions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Containers made ahead: each is used once, and none outlives its job. */
@Timeout(300)
class WarmDockerTest {
  private static final int COMMANDS = 30;

  private static Set<String> numbers() {
    return IntStream.range(0, COMMANDS)
        .mapToObj(Integer::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void givenContainersMadeAhead_thenEachCommandHasOneOfItsOwnAndNoneIsLeft() {
    SandboxOptions options =
        PipelineOptionsFactory.fromArgs(
                "--service=" + TestEngine.DOCKER.address(),
                "--serviceSetting=image=" + TestEngine.BUSYBOX,
                "--serviceSetting=pull=never",
                "--warm=4")
            .as(SandboxOptions.class);
    Pipeline pipeline = Pipeline.create(options);
    SandboxExec.Result result =
        pipeline
            .apply(Create.of(numbers().stream().map(i -> Command.of("echo", i)).toList()))
            .apply(SandboxExec.commands().withConcurrency(4).withTimeout(Duration.ofSeconds(60)));
    PAssert.that(result.results())
        .satisfies(
            all -> {
              Set<String> said = new TreeSet<>();
              Set<String> sandboxes = new HashSet<>();
              for (CommandResult one : all) {
                said.add(one.stdoutUtf8().strip());
                sandboxes.add(one.getSandboxId());
              }
              assertThat(said, is(numbers()));
              assertThat("sandboxes used", sandboxes.size(), is(COMMANDS));
              return null;
            });

    JobAccount account = SandboxJob.run(pipeline).orThrow().account().orElseThrow();

    String lines = account.lines().toString();
    assertThat(lines, account.isClean(), is(true));
    assertThat(lines, account.allSucceeded(), is(true));
    assertThat(lines, account.created(), is(greaterThanOrEqualTo((long) COMMANDS)));
    try (SandboxService service =
        SandboxServices.open(TestEngine.DOCKER.config(TestEngine.BUSYBOX))) {
      List<Tag> job = List.of(Tag.job(options.getJobId()));
      assertThat(service.list(ListRequest.tagged(job)).join().sandboxes(), is(empty()));
    }
  }
}
