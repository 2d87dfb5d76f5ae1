package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.server.SandbeamServer;
import io.sandbeam.testing.Operation;
import java.util.stream.IntStream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images of pipelines whose sandboxes are behind a server of ours. */
@Timeout(120)
class ServedImageTest extends FaultyPipelineTest {
  private SandbeamServer server;

  @BeforeEach
  void startServer() {
    service.images("known").preparesImages();
    server = SandbeamServer.builder(service.client()).bind("127.0.0.1", 0).start();
    options = options("--service=" + server.uri());
  }

  @AfterEach
  void stopServer() {
    // The direct runner's instances still end their sandboxes by way of it.
    await().until(() -> WorkerSessions.ofThisJvm().size() == 0);
    server.close();
  }

  private SandboxExec.Result run(Pipeline pipeline, String image) {
    return pipeline
        .apply(
            Create.of(
                IntStream.range(0, 10)
                    .mapToObj(i -> Command.of("echo", "" + i).withId("" + i))
                    .toList()))
        .apply("Run", SandboxExec.commands().withImage(image));
  }

  @Test
  void givenImageThatTheServerCannotHave_thenThePipelineFailsBeforeItsFirstCommand() {
    Pipeline pipeline = pipeline();
    run(pipeline, "python:3.11").failures().apply("Kept", Count.globally());

    JobResult end = SandboxJob.run(pipeline);

    assertThat(end.exitCode(), is(JobResult.PIPELINE_FAILED));
    SandboxJobException error = assertThrows(SandboxJobException.class, end::orThrow);
    assertThat(
        error.getMessage(), containsString("Unknown image 'python:3.11': there are [known]"));
    assertThat("no word of lists", error.getMessage(), not(containsString("ListSandboxes")));
    assertThat(service.calls(Operation.CREATE), is(empty()));
  }

  @Test
  void givenImageThatTheServerHas_thenCommandsRun() {
    Pipeline pipeline = pipeline();
    run(pipeline, "known");

    JobResult end = SandboxJob.run(pipeline).orThrow();

    assertThat(end.account().orElseThrow().succeeded(), is(10L));
  }
}
