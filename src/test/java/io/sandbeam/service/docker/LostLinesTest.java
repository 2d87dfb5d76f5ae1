package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real containers, to whose process 1 the first line of each kind and command does not come. */
@Timeout(120)
class LostLinesTest {
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final Set<String> lost = ConcurrentHashMap.newKeySet();
  private final EngineProxy engine;
  private final DockerFixture docker;
  private String losing = "";

  LostLinesTest() throws IOException {
    engine = EngineProxy.losing(TestEngine.DOCKER.address(), this::isLost);
    docker =
        new DockerFixture(
            ServiceConfig.of(engine.address())
                .withSetting("image", TestEngine.BUSYBOX)
                .withSetting("pull", "never"));
  }

  /** The first time that it is sent. */
  private boolean isLost(String line) {
    String kind = line.split(" ", -1)[0];
    boolean gone = kind.length() == 1 && losing.contains(kind) && seen.add(line);
    if (gone) {
      lost.add(kind);
    }
    return gone;
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (engine) {
      docker.close();
    }
  }

  @Test
  void givenTheLineOfACommand_thenItRunsOnceAndTellsAll() {
    String id = docker.create();
    losing = "x";

    ExecResult result = docker.sh(id, "echo ran >> count; cat count; echo err >&2; exit 3");
    ExecResult again = docker.sh(id, "echo ran >> count; cat count");

    assertThat(result.stdoutUtf8(), is("ran\n"));
    assertThat(result.stderrUtf8(), is("err\n"));
    assertThat(result.exitCode(), is(3));
    assertThat(again.stdoutUtf8(), is("ran\nran\n"));
    assertThat(lost, is(Set.of("x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"t", "n", "x", "xtnd"})
  void givenLinesOfCommandsBesideEachOther_thenEachHasItsOwnWholeOutput(String kinds) {
    String id = docker.create();
    losing = kinds;

    List<CompletableFuture<ExecResult>> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      running.add(
          docker.service.exec(
              id,
              ExecRequest.builder("sh", "-c", "seq 2000 | sed s/^/" + i + "-/; exit " + i)
                  .timeout(Duration.ofSeconds(50))
                  .build()));
    }

    for (int i = 0; i < 4; i++) {
      ExecResult result = DockerFixture.get(running.get(i));
      String own = i + "-";
      assertThat(result.exitCode(), is(i));
      assertThat(result.stdoutTruncated(), is(false));
      assertThat(
          result.stdoutUtf8().lines().filter(line -> line.startsWith(own)).count(), is(2000L));
      assertThat(result.stdoutUtf8().lines().count(), is(2000L));
    }
    assertThat("lost were " + lost, lost.isEmpty(), is(false));
    // And the sandbox goes on.
    losing = "";
    assertThat(docker.sh(id, "echo after").stdoutUtf8(), is("after\n"));
  }

  @Test
  void givenTheLineOfAKill_thenTheCommandEndsAtItsTimeLimitAllTheSame() {
    String id = docker.create();
    losing = "k";

    ExecResult result =
        docker.exec(
            id,
            ExecRequest.builder("sh", "-c", "echo begun; sleep 100 & sleep 100")
                .timeout(Duration.ofSeconds(1))
                .build());

    assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(result.stdoutUtf8(), is("begun\n"));
    assertThat(result.duration(), is(lessThan(Duration.ofSeconds(8))));
    assertThat(lost, hasItems("k"));
    assertThat(docker.sh(id, "echo after").stdoutUtf8(), is("after\n"));
  }
}
