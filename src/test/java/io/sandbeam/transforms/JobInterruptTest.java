package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A launcher's process that is told to end, or is killed, while its commands run. */
@Timeout(180)
class JobInterruptTest {
  private final String jobId = JobId.mint("interrupt");
  private SandboxService service;
  private Process launcher;
  @TempDir private Path folder;

  @BeforeEach
  void startJob() throws IOException {
    service = SandboxServices.open("local");
    start("--runner=DirectRunner");
  }

  private void start(String runner) throws IOException {
    launcher =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                JobInterruptChild.class.getName(),
                "--jobId=" + jobId,
                runner)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    await().atMost(Duration.ofSeconds(90)).until(() -> live().size() == 3);
  }

  @AfterEach
  void leavesNothing() {
    launcher.destroyForcibly();
    assertThat(live(), is(empty()));
    service.close();
  }

  private List<Sandbox> live() {
    return Sandboxes.list(service, Set.of(Tag.PRODUCT, Tag.job(jobId))).join();
  }

  @Test
  void s14_givenSigterm_thenTheJobIsCancelledSweptAndAccountedAndTheStatusIsTheSignals()
      throws Exception {
    launcher.destroy();
    assertThat("it ends", launcher.waitFor(60, TimeUnit.SECONDS), is(true));
    assertThat(launcher.exitValue(), is(143));
    String said = Files.readString(folder.resolve("out"));
    assertThat(said, containsString("is cancelled and then swept"));
    assertThat(said, containsString("0 left (proven empty"));
    assertThat(live(), is(empty()));
  }

  @Test
  void s3_givenKill9_thenTheLeaseEndsItsSandboxesAndASweepFromElsewhereProvesIt() throws Exception {
    assertThat(live(), is(not(empty())));
    launcher.destroyForcibly();
    assertThat("it ends", launcher.waitFor(30, TimeUnit.SECONDS), is(true));
    SweepReport report = Sweep.of(service).job(jobId).run().join();
    assertThat(report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
  }

  @Test
  void s15_givenASecondSignalWhileTheFirstIsDealtWith_thenOnePurgeAndTheCommandAndTheEnd()
      throws Exception {
    launcher.destroyForcibly();
    assertThat("it ends", launcher.waitFor(30, TimeUnit.SECONDS), is(true));
    await().atMost(Duration.ofSeconds(30)).until(() -> live().isEmpty());
    // Its cancel is never answered, so that the first signal alone would take minutes.
    start("--runner=" + JobInterruptChild.StuckRunner.class.getName());
    signal("TERM");
    await().until(() -> said().contains("a second signal ends at once"));

    signal("TERM");

    assertThat("at once", launcher.waitFor(15, TimeUnit.SECONDS), is(true));
    assertThat(launcher.exitValue(), is(143));
    assertThat(said(), containsString("Type: scripts/sweep --job=" + jobId));
    await().atMost(Duration.ofSeconds(30)).until(() -> live().isEmpty());
  }

  private void signal(String name) throws Exception {
    assertThat(
        new ProcessBuilder("kill", "-" + name, "" + launcher.pid()).start().waitFor(), is(0));
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("out"));
  }
}
