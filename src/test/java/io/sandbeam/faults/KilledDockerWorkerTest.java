package io.sandbeam.faults;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestEngine;
import io.sandbeam.transforms.Isolation;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * S1, S3, S8 with containers: a JVM with a running pipeline is killed with SIGKILL at random
 * moments. Five seconds later, with no sweep, nothing of it is alive; then a sweep finds at most
 * containers that were never started, and proves the job empty.
 *
 * <p>{@code -Dsandbeam.seed=N} repeats a run, {@code -Dsandbeam.dockerRounds=N} makes it longer.
 */
@Timeout(600)
class KilledDockerWorkerTest {
  private static final Logger LOG = LoggerFactory.getLogger(KilledDockerWorkerTest.class);
  private static final int ROUNDS = Integer.getInteger("sandbeam.dockerRounds", 4);
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final int LATEST_KILL_MS = 1500;

  private SandboxService service;
  private Sandbox bystander;

  @BeforeEach
  void aSandboxOfAnotherJobIsAlive() {
    service = SandboxServices.open(TestEngine.DOCKER.config(TestEngine.BUSYBOX));
    bystander =
        Sandbox.run(
            service,
            SandboxDefaults.builder()
                .tags("job.container-victim", "bystander")
                .maxLifetime(Duration.ofMinutes(20))
                .build());
  }

  @AfterEach
  void nothingIsLeft() {
    bystander.close();
    assertThat(Sandboxes.list(service, List.of(Tag.of("bystander"))).join(), is(empty()));
    service.close();
  }

  @Test
  void givenJvmsKilledAtRandomMoments_thenNothingIsAliveFiveSecondsLaterWithoutASweep()
      throws Exception {
    long seed = Long.getLong("sandbeam.seed", System.nanoTime());
    LOG.info("{} rounds, -Dsandbeam.seed={}", ROUNDS, seed);
    Random random = new Random(seed);
    List<Isolation> isolations = List.of(Isolation.values());
    int killedAtWork = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String name = "seed " + seed + " round " + round;
      String job = "container-victim-" + round;
      String marker = "sandbeam-victim-" + Long.toHexString(seed) + "-" + round + "-";
      Isolation isolation = isolations.get(round % isolations.size());
      // Every other one at once, while commands are seen to run.
      int moment = round % 2 == 0 ? 0 : random.nextInt(LATEST_KILL_MS);
      killedAtWork += runAndKill(job, isolation, marker, moment) > 0 ? 1 : 0;

      await(name + ": the process table")
          .atMost(LEASE)
          .until(() -> ProcessTable.holding(marker), is(empty()));
      await(name + ": containers alive").atMost(LEASE).until(() -> alive(job), is(empty()));
      assertThat(name + ": the other job", bystander.exec("true").join().succeeded(), is(true));
      SweepReport report =
          Sweep.of(service).job(job).quietTime(Duration.ofMillis(200)).run().join();
      assertThat(name + ": " + report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
    }
    assertThat("rounds in which commands were running", killedAtWork, is(greaterThan(0)));
    LOG.info("{} of {} JVMs died with commands in them", killedAtWork, ROUNDS);
  }

  private List<SandboxInfo> alive(String job) {
    return service.list(ListRequest.tagged(List.of(Tag.job(job)))).join().sandboxes().stream()
        .filter(info -> info.state() != SandboxState.CREATING)
        .toList();
  }

  /** Returns how many of its processes were alive when it was killed. */
  private int runAndKill(String job, Isolation isolation, String marker, int moment)
      throws Exception {
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PipelineVictim.class.getName(),
                job,
                isolation.name(),
                marker,
                "--service=" + TestEngine.DOCKER.address(),
                "--serviceSetting=image=" + TestEngine.BUSYBOX,
                "--serviceSetting=pull=never")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(output.readLine(), is("started"));
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> ProcessTable.holding(marker).size() > 1);
      // Not a wait for luck: the moment itself is what the seed chooses.
      boolean ended = victim.waitFor(moment, TimeUnit.MILLISECONDS);
      assertThat("the victim ended before it was killed", ended, is(false));
      int live = ProcessTable.holding(marker).size() - 1;
      victim.destroyForcibly();
      await().atMost(Duration.ofSeconds(10)).until(() -> !victim.isAlive());
      return live;
    }
  }
}
