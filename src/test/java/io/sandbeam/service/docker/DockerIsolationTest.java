package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.HostConfig;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.testing.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a command in a container can do, and what it cannot. */
class DockerIsolationTest {
  private final DockerFixture docker = new DockerFixture();

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  @Test
  void givenDefaults_thenNoNetworkNoPrivilegeNoWritableRootAndAnOrdinaryUser() {
    String id = docker.create();

    String status = docker.sh(id, "cat /proc/self/status").stdoutUtf8();
    assertThat(status, containsString("CapEff:\t0000000000000000"));
    assertThat(status, containsString("CapBnd:\t0000000000000000"));
    assertThat(status, containsString("NoNewPrivs:\t1"));
    assertThat(status, containsString("Seccomp:\t2"));
    assertThat(docker.sh(id, "id -u; id -g").stdoutUtf8(), is("1000\n1000\n"));
    assertThat(
        docker.sh(id, "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '").stdoutUtf8(),
        is("lo\n"));
    assertThat(docker.sh(id, "touch /here /bin/here /etc/here 2>/dev/null").exitCode(), is(1));
    assertThat(docker.sh(id, "ls /run/docker.sock /var/run/docker.sock").exitCode(), is(1));
    assertThat(
        docker.sh(id, "echo x > /workspace/f && /bin/sh -c 'cat /workspace/f'").stdoutUtf8(),
        is("x\n"));
  }

  @Test
  void givenNoNetwork_thenLocalhostIsThereByAddressAndByName() {
    String id = docker.create();

    ExecResult result =
        docker.sh(
            id,
            "(echo hi | nc -l -p 9000 >/dev/null) & sleep 0.3; nc localhost 9000 </dev/null; ping -c 1 127.0.0.1 >/dev/null 2>&1; exit 0");

    assertThat(result.stdoutUtf8(), is("hi\n"));
  }

  @Test
  void givenContainer_thenTheEngineWasAskedForNothingMore() {
    String id = docker.create();

    HostConfig host = docker.engine().inspectContainerCmd(id).exec().getHostConfig();
    assertThat(host.getPrivileged(), is(false));
    assertThat(host.getReadonlyRootfs(), is(true));
    assertThat(Arrays.toString(host.getCapDrop()), is("[ALL]"));
    assertThat(host.getSecurityOpts(), is(List.of("no-new-privileges")));
    assertThat(host.getNetworkMode(), is("none"));
    assertThat(host.getMemory(), is(2L << 30));
    assertThat(host.getMemorySwap(), is(2L << 30));
    assertThat(host.getPidsLimit(), is(greaterThan(1000L)));
    assertThat(host.getAutoRemove(), is(true));
    assertThat(host.getBinds() == null || host.getBinds().length == 0, is(true));
  }

  @Test
  void givenSecretsAndFiles_thenTheEngineKnowsTheirNamesOnly() {
    String id =
        docker.create(
            docker
                .spec()
                .env(Map.of("PASSWORD", "not for the engine"))
                .file(
                    "/workspace/key", "nor this".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .build());

    String known = docker.engine().inspectContainerCmd(id).exec().toString();
    ContainerConfig config = docker.engine().inspectContainerCmd(id).exec().getConfig();
    assertThat(known, not(containsString("not for the engine")));
    assertThat(known, not(containsString("nor this")));
    assertThat(config.getLabels().keySet(), hasItem("sandbeam"));
    assertThat(config.getLabels().keySet(), hasItem("sandbeam.tag." + docker.run));
    assertThat(
        docker.sh(id, "echo $PASSWORD; cat key").stdoutUtf8(), is("not for the engine\nnor this"));
  }

  @Test
  void givenCommands_thenTheyCannotReachProcessOneNorSpeakForIt() {
    String id = docker.create();

    ExecResult look =
        docker.sh(
            id,
            "cat /proc/1/environ 2>&1; ls /proc/1/fd 2>&1; cat < /proc/1/fd/0 2>&1;"
                + " for p in /proc/[0-9]*; do [ -r $p/fd/1 ] || echo shut; done; kill -9 1; echo on");

    assertThat(look.stdoutUtf8(), containsString("ermission denied"));
    assertThat(look.stdoutUtf8(), containsString("shut"));
    assertThat(look.stdoutUtf8(), containsString("on\n"));
    assertThat(look.exitCode(), is(0));
    assertThat(docker.sh(id, "env").stdoutUtf8(), not(containsString("s_secret")));
  }

  @Test
  void givenCommandThatKillsEverything_thenItsSandboxGoesOn() {
    String id = docker.create();

    ExecResult killed = docker.sh(id, "kill -9 -1; sleep 5");

    assertThat(killed.exitCode(), is(137));
    assertThat(killed.leftoverProcesses(), not(is(0)));
    assertThat(docker.sh(id, "echo usable; echo err >&2").stdoutUtf8(), is("usable\n"));
  }

  @Test
  void givenProcessThatHoldsTheOutput_thenItWritesIntoNoOtherCommandsOutput() {
    String id = docker.create();
    docker.sh(id, "(while :; do echo noise; echo noise >&2; done) & sleep 0.2");

    for (int i = 0; i < 5; i++) {
      ExecResult result = docker.sh(id, "echo mine; echo error >&2");
      assertThat(result.stdoutUtf8(), is("mine\n"));
      assertThat(result.stderrUtf8(), is("error\n"));
    }
  }

  @Test
  void givenMemoryLimit_whenItIsUsedUp_thenOutOfMemoryAndTheSandboxGoesOn() {
    String id =
        docker.create(
            docker
                .spec()
                .resources(Resources.DEFAULT.withMemory(ByteSize.ofMebibytes(64)))
                .build());

    ExecResult hog = docker.sh(id, "exec tail -c 300000000 /dev/zero");

    assertThat(hog.outcome(), is(ExecOutcome.OUT_OF_MEMORY));
    assertThat(docker.sh(id, "echo usable").stdoutUtf8(), is("usable\n"));
    assertThat(docker.info(id).limitsInForce().get("memory"), containsString("64Mi"));
  }

  @Test
  void givenChildThatIsKilledForMemory_whenItsCommandSucceeds_thenNoneIsOutOfMemory() {
    String id =
        docker.create(
            docker
                .spec()
                .resources(Resources.DEFAULT.withMemory(ByteSize.ofMebibytes(64)))
                .build());

    ExecResult parent = docker.sh(id, "tail -c 300000000 /dev/zero; echo $?");
    ExecResult next = docker.sh(id, "exit 1");

    assertThat(parent.stdoutUtf8(), is("137\n"));
    assertThat(parent.outcome(), is(ExecOutcome.EXITED));
    assertThat(next.outcome(), is(ExecOutcome.EXITED));
    assertThat(next.exitCode(), is(1));
  }

  @Test
  void givenCpuLimit_thenTheEngineKeepsIt() {
    String id =
        docker.create(docker.spec().resources(Resources.DEFAULT.withCpuMillis(500)).build());

    HostConfig host = docker.engine().inspectContainerCmd(id).exec().getHostConfig();
    assertThat(host.getNanoCPUs(), is(500_000_000L));
    assertThat(docker.info(id).limitsInForce().get("cpu"), containsString("500m"));
  }

  @Test
  void givenDiskLimit_thenTheWorkspaceHasNoMore() {
    String id =
        docker.create(
            docker.spec().resources(Resources.DEFAULT.withDisk(ByteSize.ofMebibytes(5))).build());

    assertThat(docker.sh(id, "head -c 4000000 /dev/zero > fits").exitCode(), is(0));
    assertThat(docker.sh(id, "head -c 4000000 /dev/zero > more").exitCode(), is(1));
  }

  @Test
  void givenForkBomb_whenItsTimeIsOver_thenAllOfItIsKilledAndTheSandboxGoesOn() {
    String id = docker.create(docker.spec().resources(Resources.DEFAULT.withProcesses(50)).build());

    ExecResult bomb =
        docker.exec(
            id,
            // Its shell forks once, while it still can.
            ExecRequest.builder("sh", "-c", "f() { f | f & }; (f 2>/dev/null) & exec sleep 30")
                .timeout(Duration.ofSeconds(2))
                .build());

    assertThat(bomb.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(docker.sh(id, "ls /proc | grep -c '^[0-9]'").exitCode(), is(0));
    assertThat(docker.info(id).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenOpenNetwork_thenTheContainerJoinsTheNetworkOfTheSetting() {
    try (DockerFixture host =
        new DockerFixture(
            TestEngine.DOCKER.config(TestEngine.BUSYBOX).withSetting("network", "host"))) {
      String id = host.create(host.spec().network(Network.OPEN).build());

      String mode = host.engine().inspectContainerCmd(id).exec().getHostConfig().getNetworkMode();
      assertThat(mode, is("host"));
    }
  }

  @Test
  void givenImageWithoutAShell_thenRefusedAndItSaysWhatIsMissing() throws IOException {
    docker.importImage("sandbeam-test/empty", tarOfOneFile());
    try (DockerFixture empty = new DockerFixture(TestEngine.DOCKER.config("sandbeam-test/empty"))) {
      SandboxException e = assertThrows(SandboxException.class, empty::create);

      assertThat(e.getMessage(), containsString("/bin/sh"));
      assertThat(e.retryable(), is(false));
    }
  }

  private static byte[] tarOfOneFile() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry("readme"));
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }
}
