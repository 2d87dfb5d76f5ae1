package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ExecResult;
import io.sandbeam.service.Resources;
import io.sandbeam.testing.TestEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes whose parents have ended: the container's first process reaps them as they end. */
class ReapingTest {
  private static final int FEW = 256;

  /** Each is given up by its parent at once. */
  private static final String ORPHANS =
      "i=0; while [ $i -lt 2000 ]; do (true &); i=$((i+1)); done; echo $i";

  @ParameterizedTest
  @ValueSource(strings = {TestEngine.BUSYBOX, TestEngine.DEBIAN})
  void givenFewProcessesAllowed_whenACommandMakesThousandsOfOrphans_thenNoForkFails(String image) {
    try (DockerFixture docker = new DockerFixture(TestEngine.DOCKER.config(image))) {
      Resources resources = Resources.DEFAULT.withProcesses(FEW);
      String id = docker.create(docker.spec().resources(resources).build());

      ExecResult result = docker.sh(id, ORPHANS);

      assertThat(result.stderrUtf8(), is(""));
      assertThat(result.stdoutUtf8(), is("2000\n"));
    }
  }
}
