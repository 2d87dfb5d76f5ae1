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
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.transforms.Isolation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * S1, S3, S8, S13, S18, S24, S25: a JVM with a running pipeline is killed with SIGKILL at random
 * moments, so that no hook, no teardown and no step of the pipeline has its say. Afterwards a sweep
 * from another JVM proves the job empty, the process table agrees, and the sandbox of another job
 * has noticed nothing.
 *
 * <p>The moments come from a seed: {@code -Dsandbeam.seed=N} repeats a run, {@code
 * -Dsandbeam.rounds=N} makes it longer.
 */
@Timeout(900)
class KilledWorkerTest {
  private static final Logger LOG = LoggerFactory.getLogger(KilledWorkerTest.class);

  /** Rounds wait more than they work. */
  private static final int AT_ONCE = 4;

  private static final int ROUNDS = Integer.getInteger("sandbeam.rounds", 50);
  private static final int LATEST_KILL_MS = 2000;

  @TempDir Path folder;
  private ServiceConfig config;
  private SandboxService service;
  private Sandbox bystander;

  @BeforeEach
  void aSandboxOfAnotherJobIsAlive() throws IOException {
    // Passable for the user that root's sandboxes run as, which JUnit's temporary folders are not.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    config = ServiceConfig.of("local").withSetting("state-dir", folder.resolve("state").toString());
    service = SandboxServices.open(config);
    bystander =
        Sandbox.run(
            service,
            SandboxDefaults.builder()
                .tags("job.victim", "bystander")
                .maxLifetime(Duration.ofMinutes(20))
                .build());
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    bystander.close();
    assertThat(Sandboxes.list(service, List.of(Tag.PRODUCT)).join(), is(empty()));
    service.close();
  }

  @Test
  void givenJvmsKilledAtRandomMoments_thenNothingIsLeftAndNobodyElseIsTouched() throws Exception {
    long seed = Long.getLong("sandbeam.seed", System.nanoTime());
    LOG.info("{} rounds, -Dsandbeam.seed={}", ROUNDS, seed);
    List<Killed> killed = new ArrayList<>();
    ExecutorService sideBySide = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Callable<Killed>> rounds =
          IntStream.range(0, ROUNDS)
              .mapToObj(round -> (Callable<Killed>) () -> round(seed, round))
              .toList();
      for (Future<Killed> round : sideBySide.invokeAll(rounds)) {
        killed.add(round.get());
      }
    } finally {
      sideBySide.shutdownNow();
    }

    long atWork = killed.stream().filter(one -> one.live() > 0).count();
    assertThat("rounds in which commands were running", atWork, is(greaterThan(ROUNDS / 10L)));
    assertThat("directories of dead owners", owners(), is(1L));
    LOG.info(
        "{} of {} JVMs died with commands in them; sweeps found {}",
        atWork,
        ROUNDS,
        killed.stream().mapToInt(Killed::found).sum());
  }

  /** How many processes were alive at the kill, and how many sandboxes the sweep found. */
  private record Killed(int live, int found) {}

  private Killed round(long seed, int round) throws Exception {
    String name = "seed " + seed + " round " + round;
    List<Isolation> isolations = List.of(Isolation.values());
    Isolation isolation = isolations.get(round / 3 % isolations.size());
    // The bystander's tag is a prefix of it: tags are matched whole, or it would be swept.
    String job = "victim-" + round;
    String marker = "sandbeam-victim-" + Long.toHexString(seed) + "-" + round + "-";
    int moment = new Random(seed + round).nextInt(LATEST_KILL_MS);
    int live = runAndKill(job, isolation, marker, from(round), moment);

    SweepReport report = Sweep.of(service).job(job).quietTime(Duration.ofMillis(200)).run().join();

    assertThat(name + ": " + report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
    assertThat(name + ": the process table", ProcessTable.holding(marker), is(empty()));
    assertThat(name + ": the other job", bystander.exec("true").join().succeeded(), is(true));
    return new Killed(live, report.found());
  }

  /** What the moment of the kill is counted from. */
  private enum From {
    /** Before the pipeline is translated. */
    START,
    /** When the first command runs. */
    FIRST_COMMAND
  }

  private static From from(int round) {
    return round % 3 == 0 ? From.START : From.FIRST_COMMAND;
  }

  /** Returns how many of its processes were alive when it was killed. */
  private int runAndKill(String job, Isolation isolation, String marker, From from, int moment)
      throws IOException, InterruptedException {
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djdk.lang.Process.launchMechanism=VFORK",
                "-cp",
                System.getProperty("java.class.path"),
                PipelineVictim.class.getName(),
                job,
                isolation.name(),
                marker,
                "--serviceSetting=state-dir=" + config.settings().get("state-dir"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(output.readLine(), is("started"));
      if (from == From.FIRST_COMMAND) {
        await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(20))
            .until(() -> ProcessTable.holding(marker).size() > 1);
      }
      // Not a wait for luck: the moment itself is what the seed chooses.
      boolean ended = victim.waitFor(moment, TimeUnit.MILLISECONDS);
      assertThat("the victim ended before it was killed", ended, is(false));
      int live = ProcessTable.holding(marker).size() - 1;
      victim.destroyForcibly();
      await().atMost(Duration.ofSeconds(10)).until(() -> !victim.isAlive());
      return live;
    }
  }

  private long owners() throws IOException {
    try (Stream<Path> owners = Files.list(folder.resolve("state/owners"))) {
      return owners.count();
    }
  }
}
