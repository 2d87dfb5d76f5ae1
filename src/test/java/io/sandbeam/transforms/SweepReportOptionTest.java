package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report that is asked for is written, or the job is refused: nobody looks for it in vain. */
class SweepReportOptionTest extends FaultyPipelineTest {
  @TempDir private Path folder;

  private String refusal(Pipeline pipeline) {
    return assertThrows(IllegalArgumentException.class, () -> SandboxJob.run(pipeline))
        .getMessage();
  }

  @Test
  void givenADetachedJob_thenItIsRefusedAndTheWayThatWorksIsNamed() {
    options.setRunner(SandboxJobEndTest.RunnerElsewhere.class);
    options.setDetached(true);
    options.setSweepReport(folder + "/report.json");
    Pipeline pipeline = pipeline();
    pipeline.apply(Create.of(Command.of("true"))).apply(SandboxExec.commands());

    assertThat(
        refusal(pipeline),
        allOf(
            containsString("Invalid --sweepReport=" + folder + "/report.json"),
            containsString("scripts/sweep --job=… --sweepReport=…")));
    assertThat(service.created(), is(0L));
  }

  @Test
  void givenAPipelineWithoutCommands_thenItIsRefusedSinceNothingWouldBeSwept() {
    options.setSweepReport(folder + "/report.json");
    Pipeline pipeline = pipeline();
    pipeline.apply(Create.of("one", "two"));

    assertThat(refusal(pipeline), containsString("the pipeline runs no commands"));
  }
}
