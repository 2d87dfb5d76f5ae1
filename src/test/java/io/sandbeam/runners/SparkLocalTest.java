package io.sandbeam.runners;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.is;

import io.sandbeam.runners.Scripts.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Spark in the launcher: what holds on every runner, {@code scripts/run}, and its early end. */
class SparkLocalTest {
  private static final String SLEEPERS =
      """
      pipeline:
        type: chain
        transforms:
          - type: Create
            config: {elements: [{id: a}, {id: b}]}
          - type: SandboxExec
            config: {command: [sleep, "300"], timeout: 10m}
      """;

  @TestFactory
  Stream<DynamicTest> contract() throws Exception {
    return Suite.run("spark", SparkLocalSuite.class, "-Dspark.ui.enabled=false");
  }

  @Test
  void givenAPipelineFile_thenScriptsRunRunsItOnSpark(@TempDir Path folder) throws Exception {
    Ended run = Scripts.in(folder).run("./scripts/run pipelines/hello.yaml --runner=SparkRunner");

    assertThat(run.err(), run.status(), is(0));
    assertThat(run.out(), containsString("3 done: 3 succeeded"));
    assertThat(run.out(), containsString("3 created, 3 closed, 0 swept, 0 expired, 0 left"));
    assertThat(run.out(), containsString("(proven empty"));
  }

  @Test
  void s14_givenALauncherThatIsToldToEnd_thenTheJobIsCancelledThenSwept(@TempDir Path folder)
      throws Exception {
    Scripts scripts = Scripts.in(folder);
    Files.writeString(folder.resolve("sleepers.yaml"), SLEEPERS);
    Path err = folder.resolve("told.err");
    Process launcher =
        scripts.start(
            "./scripts/run sleepers.yaml --runner=SparkRunner --jobId=told",
            folder.resolve("told.out"),
            err);
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> !list(scripts).isEmpty() || !launcher.isAlive());
      launcher.destroy();
      assertThat("it ends", launcher.waitFor(90, TimeUnit.SECONDS), is(true));
    } finally {
      launcher.destroyForcibly();
    }
    String said = Files.readString(err);
    assertThat(said, launcher.exitValue(), is(143));
    assertThat(said, containsString("Job told is cancelled and then swept"));
    assertThat(said, containsString("0 left (proven empty"));
    assertThat(list(scripts), is(emptyString()));
  }

  private static String list(Scripts scripts) throws Exception {
    Ended list = scripts.run("./scripts/sandbeam list --format=json");
    assertThat(list.err(), list.status(), is(0));
    return list.out();
  }
}
