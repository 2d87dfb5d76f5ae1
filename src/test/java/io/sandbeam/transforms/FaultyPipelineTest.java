package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.sandbeam.testing.FaultySandboxService;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Pipelines on the direct runner over a simulated service. Each test ends with no sandbox alive, no
 * session open and no service held, and that is checked here.
 */
abstract class FaultyPipelineTest {
  protected FaultySandboxService service;
  protected SandboxOptions options;

  @BeforeEach
  void openService() {
    service = FaultySandboxService.inMemory();
    options = options("--service=" + service.address());
  }

  @AfterEach
  void leavesNothing() {
    // The direct runner tears its instances down after the pipeline's end.
    Awaitility.await()
        .untilAsserted(
            () -> {
              assertThat(service.live(), is(empty()));
              assertThat(WorkerSessions.ofThisJvm().size(), is(0));
              assertThat(SharedServices.openCount(), is(0));
            });
    service.close();
  }

  static SandboxOptions options(String... args) {
    return PipelineOptionsFactory.fromArgs(args).withValidation().as(SandboxOptions.class);
  }

  Pipeline pipeline() {
    return Pipeline.create(options);
  }
}
