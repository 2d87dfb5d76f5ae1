package io.sandbeam.runners;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import io.sandbeam.runners.Scripts.Ended;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Flink cluster, each part a JVM of its own: the contract, {@code scripts/run}, launchers
 * that leave early, and what stays of jobs that have ended.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FlinkClusterTest {
  private static final String SLEEPERS =
      """
      pipeline:
        type: chain
        transforms:
          - type: Create
            config: {elements: [{id: a}, {id: b}, {id: c}, {id: d}]}
          - type: SandboxExec
            config: {command: [sleep, "%d"], timeout: 10m}
      """;

  /** Of a dozen jobs: caches of the JDK and of Flink keep the last few until memory is short. */
  private static final int KEPT_LOADERS = 6;

  @TempDir private static Path folder;
  private static Scripts scripts;
  private static FlinkCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    scripts = Scripts.in(folder);
    cluster = FlinkCluster.in(scripts);
    cluster.start();
  }

  @AfterAll
  static void nothingIsLeftAndTheClusterEnds() throws Exception {
    String left = list();
    List<Long> processes = cluster.taskManagers();
    cluster.stop();
    assertThat("sandboxes left", left, is(emptyString()));
    for (long pid : processes) {
      assertThat("TaskManager " + pid + " runs", runs(pid), is(false));
    }
  }

  /** A process that has ended and that nobody asks about has no command line any more. */
  private static boolean runs(long pid) {
    Path commandLine = Path.of("/proc", "" + pid, "cmdline");
    return Files.exists(commandLine) && !text(commandLine).isEmpty();
  }

  private static String list() throws IOException, InterruptedException {
    Ended list = scripts.run("./scripts/sandbeam list --format=json");
    assertThat(list.err(), list.status(), is(0));
    return list.out();
  }

  private static String on(String pipeline, String... options) {
    return "./scripts/run "
        + pipeline
        + " --runner=FlinkRunner --parallelism=2 --flinkMaster="
        + cluster.address()
        + " "
        + String.join(" ", options);
  }

  private static String sleepers(int seconds) throws IOException {
    Files.writeString(folder.resolve("sleepers.yaml"), SLEEPERS.formatted(seconds));
    return "sleepers.yaml";
  }

  @Order(1)
  @TestFactory
  Stream<DynamicTest> contract() throws Exception {
    String jar = Scripts.setup("flink").split(File.pathSeparator, -1)[0];
    return Suite.run(
        "flink",
        FlinkClusterSuite.class,
        "-D" + FlinkClusterSuite.MASTER + "=" + cluster.address(),
        "-D" + FlinkClusterSuite.STAGED + "=" + jar + "," + Suite.testClasses());
  }

  @Order(2)
  @Test
  void givenAPipelineFileInStreamingMode_thenItRunsOnTheClusterAndNothingIsBuiltAgain()
      throws Exception {
    Ended run = scripts.run(on("pipelines/hello.yaml", "--streaming=true"));

    assertThat(run.err(), run.status(), is(0));
    assertThat(run.err(), not(containsString("building")));
    assertThat(run.out(), containsString("3 done: 3 succeeded"));
    assertThat(run.out(), containsString("3 created, 3 closed, 0 swept, 0 expired, 0 left"));
    assertThat(run.out(), containsString("(proven empty"));
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      String results = files.map(FlinkClusterTest::text).reduce("", String::concat);
      assertThat(results, containsString("hello from a sandbox"));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Order(2)
  @Test
  void s14_givenALauncherThatIsToldToEnd_thenTheJobIsCancelledThenSwept() throws Exception {
    Path out = folder.resolve("told.out");
    Path err = folder.resolve("told.err");
    Process launcher = scripts.start(on(sleepers(300), "--jobId=told", "--jobName=told"), out, err);
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> list().lines().count() == 4 || !launcher.isAlive());
      launcher.destroy();
      assertThat("it ends", launcher.waitFor(90, TimeUnit.SECONDS), is(true));
    } finally {
      launcher.destroyForcibly();
    }
    assertThat(text(err), launcher.exitValue(), is(143));
    assertThat(text(err), containsString("Job told is cancelled and then swept"));
    assertThat(text(err), containsString("0 left (proven empty"));
    assertThat(cluster.stateOf("told"), is("CANCELED"));
  }

  @Order(2)
  @Test
  void givenADetachedRun_thenItsSandboxesAreLeftAloneAndTheCommandThatSweepsIsPrinted()
      throws Exception {
    Ended run = scripts.run(on(sleepers(4), "--jobName=alone", "--detached=true"));

    assertThat(run.err(), run.status(), is(0));
    assertThat(
        run.out(),
        matchesPattern("scripts/sweep --job=alone-[a-z0-9]+ --service-setting=state-dir=\\S+\n"));
    await().atMost(Duration.ofMinutes(1)).until(() -> cluster.stateOf("alone").equals("FINISHED"));
    Ended sweep = scripts.run("./" + run.out().strip());
    assertThat(sweep.err(), sweep.status(), is(0));
    assertThat("nobody ended them under their commands", sweep.out(), containsString("0 swept"));
  }

  @Order(3)
  @Test
  void givenJobsThatHaveEnded_thenTheirThreadsAndClassLoadersAreGone() throws Exception {
    for (long pid : cluster.taskManagers()) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(threads(pid), is(empty()));
                assertThat(
                    "class loaders of jobs", loaders(pid), is(lessThanOrEqualTo(KEPT_LOADERS)));
              });
    }
  }

  private static List<String> threads(long pid) throws IOException {
    return jcmd(pid, "Thread.print")
        .filter(line -> line.matches("\"(sandbeam|okhttp|OkHttp).*"))
        .toList();
  }

  /** Counting live objects collects garbage first. */
  private static int loaders(long pid) throws IOException {
    return jcmd(pid, "GC.class_histogram")
        .filter(line -> line.endsWith("org.apache.flink.util.ChildFirstClassLoader"))
        .mapToInt(line -> Integer.parseInt(line.strip().split("\\s+", -1)[1]))
        .findFirst()
        .orElse(0);
  }

  private static Stream<String> jcmd(long pid, String command) throws IOException {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(tool.toString(), "" + pid, command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines();
  }

  @Order(4)
  @Test
  void givenAClusterThatRuns_thenStartKeepsItAndReplacesWhatHasDied() throws Exception {
    List<Long> before = cluster.taskManagers();
    assertThat(before, hasSize(2));

    assertThat(cluster.script("start").out(), is(cluster.address() + "\n"));
    assertThat(cluster.taskManagers(), is(before));

    ProcessHandle victim = ProcessHandle.of(before.get(0)).orElseThrow();
    victim.destroyForcibly();
    await().until(() -> !victim.isAlive());
    Ended status = cluster.script("status");
    assertThat(status.out(), status.status(), is(1));
    assertThat(status.out(), containsString("taskmanager-1: not running"));

    assertThat(cluster.script("start").out(), is(cluster.address() + "\n"));
    List<Long> after = cluster.taskManagers();
    assertThat(after, hasSize(2));
    assertThat(after.get(1), is(before.get(1)));
    assertThat(cluster.script("status").status(), is(0));
  }

  @Order(4)
  @Test
  void givenAPortThatIsTaken_thenStartSaysSoAndStartsNothing() throws Exception {
    String port = cluster.address().replaceAll(".*:", "");
    Ended start = scripts.run("./scripts/flink-cluster start --dir=other --port=" + port);
    assertThat(start.status(), is(2));
    assertThat(start.err(), containsString("port " + port + " is in use"));
    Ended status = scripts.run("./scripts/flink-cluster status --dir=other");
    assertThat(status.status(), is(1));
    assertThat(status.out(), containsString("not running"));
  }
}
