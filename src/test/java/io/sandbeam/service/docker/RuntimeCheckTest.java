package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.testing.TestEngine;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** OCI runtimes that an engine does not start containers with. */
class RuntimeCheckTest {
  @Test
  void givenRuntimeThatTheEngineDoesNotHave_thenRefusedAndItSaysWhichThereAreAndHowToAddOne() {
    try (DockerFixture docker =
        new DockerFixture(
            TestEngine.DOCKER.config(TestEngine.BUSYBOX).withSetting("runtime", "kata"))) {
      SandboxException before =
          assertThrows(
              SandboxValidationException.class,
              () -> DockerFixture.get(docker.service.prepare(Optional.empty())));
      assertThat(
          before.getMessage(),
          allOf(
              containsString("'kata'"),
              containsString("runc, runsc"),
              containsString("/etc/docker/daemon.json"),
              containsString("systemctl reload docker")));

      SandboxException e = assertThrows(SandboxValidationException.class, docker::create);
      assertThat(e.getMessage(), is(before.getMessage()));
    }
  }

  /** It would start them with its own, and say nothing. */
  @Test
  void givenPodman_thenEveryRuntimeIsRefusedAndItSaysHowPodmanIsToldOfIt() {
    try (DockerFixture podman =
        new DockerFixture(
            TestEngine.PODMAN.config(TestEngine.BUSYBOX).withSetting("runtime", "runsc"))) {
      SandboxException e = assertThrows(SandboxValidationException.class, podman::create);

      assertThat(e.getMessage(), containsString("podman --runtime runsc system service"));
    }
  }

  @Test
  void givenNameOfAShim_thenItIsTheEnginesToFind() {
    try (DockerFixture docker =
        new DockerFixture(
            TestEngine.DOCKER
                .config(TestEngine.BUSYBOX)
                .withSetting("runtime", "io.containerd.runc.v2"))) {
      assertThat(docker.sh(docker.create(), "echo here").stdoutUtf8(), is("here\n"));
    }
  }
}
