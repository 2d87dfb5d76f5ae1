package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** S16: a worker that cannot reach its service any more, over a real network that is cut. */
@Timeout(60)
class CutOffWorkerTest {
  private final FaultySandboxService sandboxes = FaultySandboxService.inMemory();
  private SandbeamServer server;
  private Link link;
  private SandboxService worker;
  private Sandbox sandbox;
  @TempDir private Path folder;

  @BeforeEach
  void aWorkerBehindALink() throws IOException {
    server =
        SandbeamServer.builder(sandboxes)
            .bind("127.0.0.1", 0)
            .accessLog(folder.resolve("access"))
            .start();
    link =
        Link.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.uri().getPort()));
    worker = SandboxServices.open("http://127.0.0.1:" + link.port());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    link.mend();
    sandbox.close();
    worker.close();
    link.close();
    server.close();
    assertThat(sandboxes.live(), is(empty()));
  }

  private void cutOffWithASandbox(Duration lifetime) {
    sandbox =
        Sandbox.run(
            worker, SandboxDefaults.builder().tags("job.cut-off").maxLifetime(lifetime).build());
    link.cut(Link.Manner.STALLED);
    assertThat(sandboxes.live(), hasSize(1));
  }

  @Test
  void s16_givenAWorkerThatIsCutOff_thenItsSandboxEndsWithItsLifetime() {
    cutOffWithASandbox(Duration.ofSeconds(2));

    await().atMost(Duration.ofSeconds(20)).until(() -> sandboxes.live().isEmpty());
  }

  @Test
  void s16_givenAWorkerThatIsCutOff_thenASweepFromElsewhereProvesItsJobEmpty() {
    cutOffWithASandbox(Duration.ofHours(1));

    try (SandboxService elsewhere = SandboxServices.open(server.uri().toString())) {
      SweepReport report = Sweep.of(elsewhere).job("cut-off").run().join();
      assertThat(report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
      assertThat(report.deleted(), is(1));
    }
  }
}
