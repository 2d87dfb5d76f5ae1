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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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
  private ChildLauncher launcher;
  @TempDir private Path folder;

  @BeforeEach
  void startJob() throws IOException {
    service = SandboxServices.open("local");
    launcher = ChildLauncher.start(folder, "--jobId=" + jobId, "--runner=DirectRunner");
    await().atMost(Duration.ofSeconds(90)).until(() -> live().size() == 3);
  }

  @AfterEach
  void leavesNothing() {
    launcher.close();
    assertThat(live(), is(empty()));
    service.close();
  }

  private List<Sandbox> live() {
    return Sandboxes.list(service, Set.of(Tag.PRODUCT, Tag.job(jobId))).join();
  }

  @Test
  void s14_givenSigterm_thenTheJobIsCancelledSweptAndAccountedAndTheStatusIsTheSignals()
      throws Exception {
    endsSweptAfter("TERM", 143);
  }

  @Test
  void s14_givenSigint_thenTheJobIsCancelledSweptAndAccountedAndTheStatusIsTheSignals()
      throws Exception {
    endsSweptAfter("INT", 130);
  }

  private void endsSweptAfter(String signal, int status) throws Exception {
    launcher.signal(signal);
    assertThat("it ends", launcher.endsWithin(Duration.ofSeconds(60)), is(true));
    assertThat(launcher.status(), is(status));
    assertThat(launcher.said(), containsString("is cancelled and then swept"));
    assertThat(launcher.said(), containsString("0 left (proven empty"));
    assertThat(live(), is(empty()));
  }

  @Test
  void s3_givenKill9_thenTheLeaseEndsItsSandboxesAndASweepFromElsewhereProvesIt() throws Exception {
    assertThat(live(), is(not(empty())));
    launcher.signal("KILL");
    assertThat("it ends", launcher.endsWithin(Duration.ofSeconds(30)), is(true));
    SweepReport report = Sweep.of(service).job(jobId).run().join();
    assertThat(report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
  }
}
