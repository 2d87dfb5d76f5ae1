package io.sandbeam.runners;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import io.sandbeam.runners.Scripts.Ended;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Spark in the launcher: what holds on every runner, and {@code scripts/run}. */
class SparkLocalTest {

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
}
