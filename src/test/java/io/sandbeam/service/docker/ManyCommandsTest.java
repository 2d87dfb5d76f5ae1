package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many commands in one container, all at once. */
@Timeout(180)
class ManyCommandsTest {
  private static final int COUNT = 120;

  /** Process 1 looks through all processes for each that it kills. */
  private static final int TREES = 20;

  private DockerFixture docker;

  @AfterEach
  void nothingIsLeft() throws IOException {
    docker.close();
  }

  private static ExecRequest.Builder shell(String script, int number) {
    return ExecRequest.builder("sh", "-c", script, "sh", Integer.toString(number));
  }

  private List<CompletableFuture<ExecResult>> atOnce(ExecRequest.Builder... requests) {
    String id = docker.create();
    return List.of(requests).stream()
        .map(request -> docker.service.exec(id, request.build()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {TestEngine.BUSYBOX, TestEngine.DEBIAN})
  void givenManyThatAnswer_thenEachAnswerIsWhole(String image) {
    docker = new DockerFixture(TestEngine.DOCKER.config(image));
    List<CompletableFuture<ExecResult>> results =
        atOnce(
            IntStream.range(0, COUNT)
                .mapToObj(
                    i ->
                        shell("cat; echo \"err $1\" >&2; exit $1", i)
                            .stdin(("in " + i).getBytes(StandardCharsets.UTF_8)))
                .toArray(ExecRequest.Builder[]::new));

    for (int i = 0; i < COUNT; i++) {
      ExecResult result = DockerFixture.get(results.get(i));
      assertThat(result.stdoutUtf8(), is("in " + i));
      assertThat(result.stderrUtf8(), is("err " + i + "\n"));
      assertThat(result.exitCode(), is(i));
      assertThat(result.leftoverProcesses(), is(0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TestEngine.BUSYBOX, TestEngine.DEBIAN})
  void givenManyThatTakeTooLong_thenEachTimesOutAndTheSandboxGoesOn(String image) {
    docker = new DockerFixture(TestEngine.DOCKER.config(image));
    List<CompletableFuture<ExecResult>> results =
        atOnce(
            IntStream.range(0, TREES)
                .mapToObj(
                    i -> shell("echo $1; sleep 300 & sleep 300", i).timeout(Duration.ofSeconds(5)))
                .toArray(ExecRequest.Builder[]::new));

    for (CompletableFuture<ExecResult> result : results) {
      assertThat(DockerFixture.get(result).outcome(), is(ExecOutcome.TIMED_OUT));
    }
  }
}
