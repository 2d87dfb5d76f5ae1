package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.Effect;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.Call;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A launcher that is told twice to end, with sandboxes that no lease and no delete ends. */
@Timeout(180)
class SecondSignalTest {
  private final String jobId = JobId.mint("second");
  private final FaultySandboxService service =
      FaultySandboxService.inMemory().commandsTake(Duration.ofMinutes(4));
  private final SandbeamServer server =
      SandbeamServer.builder(service.client()).bind("127.0.0.1", 0).start();
  @TempDir private Path folder;

  @AfterEach
  void nothingIsLeft() {
    service.healthy();
    server.close();
    assertThat(service.live(), is(empty()));
    service.close();
  }

  @Test
  void s15_givenASecondSignalWhileTheFirstIsDealtWith_thenOnePurgeAndTheCommandAndTheEnd()
      throws Exception {
    service.failEveryNth(
        Operation.DELETE,
        1,
        () -> new SandboxUnavailableException("down", null, Effect.NONE, null));
    try (ChildLauncher launcher =
        ChildLauncher.start(
            folder,
            "--jobId=" + jobId,
            "--service=" + server.uri(),
            // Its cancel is never answered, so that the first signal alone would take minutes.
            "--runner=" + JobInterruptChild.StuckRunner.class.getName())) {
      await().atMost(Duration.ofSeconds(90)).until(() -> service.live(Tag.job(jobId)).size() == 3);
      launcher.signal("TERM");
      await().until(() -> launcher.said().contains("a second signal ends at once"));
      assertThat("no purge yet", purges(), is(empty()));

      launcher.signal("TERM");

      assertThat("at once", launcher.endsWithin(Duration.ofSeconds(15)), is(true));
      assertThat(launcher.status(), is(143));
      assertThat(
          launcher.said(),
          containsString("Type: scripts/sweep --job=" + jobId + " --service=" + server.uri()));
    }
    assertThat(purges(), hasSize(1));
    assertThat(service.live(), is(empty()));
  }

  /** Without those that only ask for the job's seal, as dry runs. */
  private List<Call> purges() {
    return service.calls(Operation.PURGE).stream()
        .filter(call -> ((PurgeRequest) call.argument()).dryRun() == DryRun.NO)
        .toList();
  }
}
