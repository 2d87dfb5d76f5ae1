package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.sandbeam.faults.ProcessTable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that is told to end in the middle of its start leaves nothing of its own. */
@Timeout(300)
class EndingTest {
  private static final Duration START = Duration.ofMinutes(3);
  private static final int TERMINATED = 143;

  @TempDir Path folder;
  private Process run;

  @BeforeEach
  void passable() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @AfterEach
  void nothingRuns() throws IOException {
    run.destroyForcibly();
    for (Path one : folders()) {
      Parts.kill(one);
    }
  }

  @Test
  void givenSigtermWhileAClusterStarts_thenAllPartsAndTheirFolderAreGone() throws Exception {
    start(Place.DOCKER);
    awaitJobManager();

    run.destroy();

    assertThat(said(), run.waitFor(60, TimeUnit.SECONDS), is(true));
    assertThat(said(), run.exitValue(), is(TERMINATED));
    assertThat(said(), ProcessTable.holding(folder + "/"), is(empty()));
    assertThat(said(), folders(), is(empty()));
  }

  @Test
  void givenASecondSigterm_thenItKillsWhatIsLeftAtOnce() throws Exception {
    start(Place.SERVED);
    awaitJobManager();

    run.destroy();
    await().atMost(Duration.ofSeconds(20)).until(() -> said().contains(Ending.TOLD));
    run.destroy();

    assertThat(said(), run.waitFor(20, TimeUnit.SECONDS), is(true));
    assertThat(said(), run.exitValue(), is(TERMINATED));
    // Wardens of the killed, too, which have to notice it.
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(ProcessTable.holding(folder + "/"), is(empty())));
  }

  private void start(Place place) throws IOException {
    long seed =
        LongStream.iterate(1, one -> one + 1)
            .filter(one -> Plan.of(one, Kind.KILL_TASKMANAGER).place() == place)
            .findFirst()
            .orElseThrow();
    run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djdk.lang.Process.launchMechanism=VFORK",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                ChaosRun.class.getName(),
                "--rounds=1",
                "--kinds=" + Kind.KILL_TASKMANAGER.typed(),
                "--seed=" + seed)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(folder.resolve("said").toFile())
            .redirectErrorStream(true)
            .start();
  }

  private void awaitJobManager() throws IOException {
    await()
        .atMost(START)
        .until(
            () ->
                !run.isAlive()
                    || folders().stream()
                        .anyMatch(one -> Files.exists(one.resolve("flink/jobmanager.pid"))));
    assertThat(said(), run.isAlive(), is(true));
    assertThat(said(), said().contains("FAILED"), is(false));
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(one -> one.getFileName().toString().startsWith("sandbeam-chaos-"))
          .toList();
    }
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("said"));
  }
}
