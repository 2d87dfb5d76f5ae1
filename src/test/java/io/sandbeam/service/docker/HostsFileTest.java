package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.Effect;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The name {@code localhost}, where the OCI runtime makes the network namespace. */
class HostsFileTest {
  private final DockerFixture docker = new DockerFixture();

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  @Test
  void givenNoNetwork_thenTheRuntimeMakesItAndLocalhostHasItsName() {
    String id = docker.create();

    InspectContainerResponse container = docker.engine().inspectContainerCmd(id).exec();
    assertThat(container.getConfig().getNetworkDisabled(), is(true));
    assertThat(container.getMounts(), hasSize(1));
    InspectContainerResponse.Mount mount = container.getMounts().get(0);
    assertThat(mount.getSource(), endsWith("/volumes/sandbeam-hosts/_data/hosts"));
    assertThat(mount.getRW(), is(false));
    assertThat(
        docker.sh(id, "cat /etc/hosts").stdoutUtf8(), containsString("127.0.0.1\tlocalhost\n"));
    assertThat(docker.sh(id, "ping -c 1 sandbox").stdoutUtf8(), containsString("127.0.0.1"));
  }

  @Test
  void givenRoot_thenEvenItCannotWriteWhatAllOthersRead() {
    try (DockerFixture root =
        new DockerFixture(
            TestEngine.DOCKER.config(TestEngine.BUSYBOX).withSetting("user", "0:0"))) {
      String id = root.create();

      assertThat(root.sh(id, "echo 1.2.3.4 evil >> /etc/hosts").succeeded(), is(false));
      assertThat(root.sh(id, "umount /etc/hosts").succeeded(), is(false));
    }
  }

  @Test
  void givenSettingAlways_thenTheEngineMakesTheNetworkAndNothingIsMounted() {
    try (DockerFixture always =
        new DockerFixture(
            TestEngine.DOCKER.config(TestEngine.BUSYBOX).withSetting("localhost", "always"))) {
      String id = always.create();

      InspectContainerResponse container = always.engine().inspectContainerCmd(id).exec();
      assertThat(container.getConfig().getNetworkDisabled(), is(not(true)));
      assertThat(container.getMounts(), hasSize(0));
      assertThat(always.sh(id, "cat /etc/hosts").stdoutUtf8(), containsString("localhost"));
    }
  }

  @Test
  void givenVolumeThatSomebodyRemoved_thenOneCreateFailsAsToBeTriedAgainAndTheNextMakesIt() {
    docker.create();
    docker.engine().removeVolumeCmd(HostsFile.VOLUME).exec();

    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () -> docker.service.create(docker.spec().build(), RequestId.mint()).get());

    assertThat(failure.getCause(), instanceOf(SandboxUnavailableException.class));
    assertThat(((SandboxUnavailableException) failure.getCause()).effect(), is(Effect.NONE));
    assertThat(
        docker.sh(docker.create(), "cat /etc/hosts").stdoutUtf8(), containsString("localhost"));
  }

  @Test
  void givenVolumeWhoseFilesCannotBeMounted_thenTheEngineMakesTheNetwork() {
    removeVolume();
    docker
        .engine()
        .createVolumeCmd()
        .withName(HostsFile.VOLUME)
        .withDriver("local")
        .withDriverOpts(Map.of("type", "tmpfs", "device", "tmpfs"))
        .exec();
    try {
      String id = docker.create();

      InspectContainerResponse container = docker.engine().inspectContainerCmd(id).exec();
      assertThat(container.getConfig().getNetworkDisabled(), is(not(true)));
      assertThat(docker.sh(id, "cat /etc/hosts").stdoutUtf8(), containsString("localhost"));
    } finally {
      removeVolume();
    }
  }

  @Test
  void givenContainersThatCouldNotBeRemoved_thenASweepOfTheJobRemovesThem() throws IOException {
    removeVolume();
    AtomicInteger refusals = new AtomicInteger(2);
    try (ScriptedEngine engine =
            new ScriptedEngine(
                TestEngine.DOCKER.address(),
                call ->
                    call.startsWith("DELETE") && refusals.getAndDecrement() > 0
                        ? Optional.of(ScriptedEngine.Reply.json(500, "{\"message\": \"busy\"}"))
                        : Optional.empty());
        DockerFixture troubled = DockerFixture.by(engine)) {
      String id = troubled.create();
      assertThat(
          troubled.list(troubled.service).stream().map(SandboxInfo::id).toList(), is(List.of(id)));
      assertThat(containers(troubled), hasSize(3));

      SweepReport report =
          Sweep.of(troubled.service)
              .tags(List.of(troubled.run))
              .quietTime(Duration.ofMillis(100))
              .run()
              .join();

      assertThat(report.outcome(), is(SweepReport.Outcome.EMPTY));
      assertThat(report.deleted(), is(3));
      assertThat(containers(troubled), hasSize(0));
    }
  }

  private static List<Container> containers(DockerFixture docker) {
    return docker
        .engine()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(List.of("sandbeam.tag." + docker.run))
        .exec();
  }

  private void removeVolume() {
    try {
      docker.engine().removeVolumeCmd(HostsFile.VOLUME).exec();
    } catch (NotFoundException e) {
      assertThat(e.getMessage(), containsString("no such volume"));
    }
  }
}
