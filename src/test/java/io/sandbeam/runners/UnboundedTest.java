package io.sandbeam.runners;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.in;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Input without an end, on real sandboxes: the end of a window is not the end of the job, so
 * nothing is swept while it runs; when the launcher is told to end, nothing is left.
 */
@Timeout(300)
class UnboundedTest {
  /** Windows of a second with ten commands each: several of them. */
  private static final int RESULTS = 60;

  @TempDir private Path folder;
  private ServiceConfig service;
  private Process launcher;

  @BeforeEach
  void prepare() throws IOException {
    // Passable for the user that root's sandboxes run as, which JUnit's temporary folders are not.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    service = ServiceConfig.of("local").withSetting("state-dir", folder + "/state");
  }

  @AfterEach
  void leavesNothing() {
    launcher.destroyForcibly();
    assertThat(live(), is(empty()));
  }

  @Test
  void givenTheDirectRunner_thenSandboxesOutliveWindowsAndNoneOutlivesTheJob() throws Exception {
    runAndCancel(System.getProperty("java.class.path"), List.of());
  }

  @Test
  void givenFlinkInStreamingMode_thenSandboxesOutliveWindowsAndNoneOutlivesTheJob()
      throws Exception {
    runAndCancel(
        Suite.classPath("flink"),
        List.of("--runner=FlinkRunner", "--flinkMaster=[local]", "--parallelism=1"));
  }

  private void runAndCancel(String classPath, List<String> runner) throws Exception {
    Path results = folder.resolve("results");
    launcher = launch(classPath, results, runner);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> lines(results).size() >= RESULTS || !launcher.isAlive());
    assertThat("it runs: " + said(), launcher.isAlive(), is(true));
    List<String> told = lines(results);
    assertThat("no command lost its sandbox", told, everyItem(startsWith("SUCCEEDED ")));
    assertThat(
        "sandboxes of the first windows are used in the last ones",
        told.subList(RESULTS / 2, RESULTS),
        hasItem(in(told.subList(0, 10))));
    assertThat(live(), is(not(empty())));

    launcher.destroy();

    assertThat("it ends", launcher.waitFor(90, TimeUnit.SECONDS), is(true));
    assertThat(said(), launcher.exitValue(), is(143));
    assertThat(said(), containsString("is cancelled and then swept"));
    assertThat(said(), containsString("0 left (proven empty"));
    assertThat(live(), is(empty()));
  }

  private Process launch(String classPath, Path results, List<String> runner) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Djdk.lang.Process.launchMechanism=VFORK", "-XX:TieredStopAtLevel=1"));
    command.addAll(Suite.opens());
    command.addAll(List.of("-cp", classPath, UnboundedLauncher.class.getName()));
    command.add(results.toString());
    command.add("--serviceSetting=state-dir=" + service.settings().get("state-dir"));
    command.addAll(runner);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .redirectInput(new File("/dev/null"))
        .start();
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("said"));
  }

  private List<SandboxInfo> live() {
    try (SandboxService opened = SandboxServices.open(service)) {
      return Sandboxes.listInfos(opened, List.of(Tag.PRODUCT)).join();
    }
  }
}
