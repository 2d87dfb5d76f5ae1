package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.github.dockerjava.api.model.Container;
import io.sandbeam.faults.ProcessTable;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Containers that have gVisor's kernel, and not the host's. */
class GVisorTest {
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private final ServiceConfig gVisor =
      TestEngine.DOCKER.config(TestEngine.BUSYBOX).withSetting("runtime", "runsc");
  private final DockerFixture docker = new DockerFixture(gVisor);

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  @Test
  void givenCommands_thenTheirKernelIsGVisorsAndNotTheHosts() throws IOException {
    String id = docker.create();

    String kernel = docker.sh(id, "cat /proc/version").stdoutUtf8();

    assertThat(kernel, not(is(Files.readString(Path.of("/proc/version")))));
    assertThat(docker.sh(id, "dmesg").stdoutUtf8(), containsString("Starting gVisor"));
  }

  @Test
  void givenCommandsOneAfterAnother_thenEachHasItsInputItsOutputAndItsExitCode() {
    String id = docker.create();
    byte[] bytes = {0, 10, -1, 13};
    DockerFixture.get(docker.service.writeFile(id, "/workspace/deep/in/file", bytes));

    ExecResult echo =
        docker.exec(
            id,
            ExecRequest.builder("sh", "-c", "cat; echo problem >&2; exit 7").stdin(bytes).build());
    assertThat(echo.stdout(), is(bytes));
    assertThat(echo.stderrUtf8(), is("problem\n"));
    assertThat(echo.exitCode(), is(7));
    assertThat(echo.leftoverProcesses(), is(0));

    assertThat(
        docker.sh(id, "cat deep/in/file > copy; head -c 300000 /dev/zero").stdout().length,
        is(300_000));
    assertThat(DockerFixture.get(docker.service.readFile(id, "/workspace/copy")), is(bytes));
  }

  @Test
  void givenTimeout_whenItIsOver_thenAllThatTheCommandStartedIsKilledAndTheSandboxGoesOn() {
    String id = docker.create();
    String script =
        "(setsid sleep 4321 >/dev/null 2>&1 </dev/null &); trap '' TERM; echo before; sleep 4321";

    ExecResult result =
        docker.exec(
            id, ExecRequest.builder("sh", "-c", script).timeout(Duration.ofSeconds(2)).build());

    assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(result.stdoutUtf8(), is("before\n"));
    assertThat(docker.sh(id, "ps | grep -c '[s]leep 4321'").stdoutUtf8(), is("0\n"));
  }

  /** Each has new pipes, whose relays are stopped while they still start. */
  @Test
  void givenCommandsBesideEachOther_thenAllRun() {
    String id = docker.create();

    for (int round = 0; round < 20; round++) {
      List<CompletableFuture<ExecResult>> all =
          Stream.generate(() -> docker.service.exec(id, ExecRequest.of("echo", "on")))
              .limit(5)
              .toList();
      for (CompletableFuture<ExecResult> one : all) {
        assertThat("in round " + round, DockerFixture.get(one).stdoutUtf8(), is("on\n"));
      }
    }
  }

  /** Who ignores a signal from its start on, can set no trap for it. */
  @Test
  void givenACommandThatIsInterrupted_thenItHears() {
    String id = docker.create();

    ExecResult result = docker.sh(id, "trap 'echo heard; exit 3' INT QUIT; kill -INT $$; exit 4");

    assertThat(result.stdoutUtf8(), is("heard\n"));
    assertThat(result.exitCode(), is(3));
  }

  /** The engine's runtime leaves cgroups alone: nobody may say that they hold. */
  @Test
  void givenAnotherRuntime_thenItsLimitsAreSaidToBeItsMatter() {
    String id = docker.create();

    assertThat(
        docker.info(id).limitsInForce().get("processes"),
        containsString("as far as runsc keeps it"));
  }

  @Test
  void givenOwnerThatIsKilled_thenNothingOfItsSandboxIsAliveAfterFiveSeconds() throws Exception {
    try (DockerOwner owner =
        DockerOwner.start(
            gVisor, docker.run, LIFETIME, "(setsid sleep 1000 >/dev/null 2>&1 </dev/null &)")) {
      List<String> containers = containers();
      assertThat(containers, hasSize(1));
      String container = containers.get(0);
      assertThat(ProcessTable.holding(container), not(empty()));

      owner.signal("KILL");

      await().atMost(LEASE).until(() -> ProcessTable.holding(container), is(empty()));
      await().atMost(LEASE).until(this::containers, is(empty()));
    }
  }

  /** By the ids that the engine and its runtime know them by. */
  private List<String> containers() {
    return docker
        .engine()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Labels.filter(List.of(docker.run)))
        .exec()
        .stream()
        .map(Container::getId)
        .toList();
  }
}
