package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.both;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.dockerjava.api.exception.NotFoundException;
import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.Tag;
import io.sandbeam.service.leased.Timer;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Containers as all clients of an engine see them: ours in every state, and those of others not.
 */
class OtherClientsTest {
  private final DockerFixture docker = new DockerFixture();

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  /** As a worker leaves it that dies between its create and its start. */
  private String neverStarted() {
    String id = OwnSandboxes.idOf(RequestId.mint());
    SandboxSpec spec = docker.spec().build();
    docker
        .engine()
        .createContainerCmd(TestEngine.BUSYBOX)
        .withName(id)
        .withLabels(Labels.of(spec))
        .withCmd("true")
        .exec();
    return id;
  }

  private SweepReport sweep(SandboxService by) {
    return Sweep.of(by).tags(List.of(docker.run)).quietTime(Duration.ofMillis(100)).run().join();
  }

  @Test
  void givenContainerThatWasNeverStarted_thenItIsListedAndSwept() {
    String id = neverStarted();

    try (SandboxService other = docker.another()) {
      assertThat(docker.list(other).get(0).state(), is(SandboxState.CREATING));

      assertThat(sweep(other).outcome(), is(SweepReport.Outcome.EMPTY));
    }
    assertThrows(NotFoundException.class, () -> docker.engine().inspectContainerCmd(id).exec());
  }

  @Test
  void givenPausedContainer_thenItIsListedAndSweptAndItsOwnerLearnsThatItWasDeleted() {
    String id = docker.create();
    CompletableFuture<?> command = docker.service.exec(id, ExecRequest.of("sleep", "300"));
    docker.engine().pauseContainerCmd(id).exec();

    try (SandboxService other = docker.another()) {
      assertThat(docker.list(other).get(0).state(), is(SandboxState.PAUSED));

      assertThat(sweep(other).outcome(), is(SweepReport.Outcome.EMPTY));
    }
    SandboxNotRunningException e =
        assertThrows(SandboxNotRunningException.class, () -> DockerFixture.get(command));
    assertThat(e.state(), is(SandboxState.TERMINATED));
    await().until(() -> docker.info(id).state(), is(SandboxState.TERMINATED));
  }

  @Test
  void givenRestoreWhoseWorkerHasDied_thenTheContainerThatItReadFromIsListedAndSwept()
      throws IOException {
    String source = docker.create();
    Snapshot snapshot =
        DockerFixture.get(docker.service.createSnapshot(SnapshotRequest.of(source)));
    String restored = docker.create();
    try (Engine engine = Engine.of(DockerSettings.of(docker.config, Map.of()));
        SandboxService other = docker.another()) {
      String left = new SnapshotStore(engine).open(snapshot.id(), docker.spec().build(), restored);
      assertThat("its sandbox is there", ids(other), containsInAnyOrder(source, restored));

      DockerFixture.get(docker.service.delete(DeleteRequest.of(source)));
      DockerFixture.get(docker.service.delete(DeleteRequest.of(restored)));
      await().until(() -> ids(other), contains(left));

      assertThat(sweep(other).outcome(), is(SweepReport.Outcome.EMPTY));
      assertThrows(NotFoundException.class, () -> docker.engine().inspectContainerCmd(left).exec());
    } finally {
      DockerFixture.get(docker.service.deleteSnapshot(snapshot.id(), MissingOk.YES));
    }
  }

  private List<String> ids(SandboxService by) {
    return docker.list(by).stream().map(SandboxInfo::id).toList();
  }

  @Test
  void givenAnotherClientThatDeletesWithGrace_thenACommandHasThatTimeAndIsNoResult() {
    String id = docker.create();
    CompletableFuture<?> command =
        docker.service.exec(
            id,
            ExecRequest.of(
                "sh", "-c", "trap 'sleep 5; exit 0' TERM; touch on; while :; do sleep 0.1; done"));
    await().until(() -> docker.sh(id, "test -e on").exitCode(), is(0));
    long start = System.nanoTime();

    try (SandboxService other = docker.another()) {
      DockerFixture.get(other.delete(DeleteRequest.of(id).withGrace(Duration.ofSeconds(50))));
      SandboxNotRunningException e =
          assertThrows(SandboxNotRunningException.class, () -> DockerFixture.get(command));
      assertThat(e.getMessage(), e.state(), is(SandboxState.TERMINATED));
    }
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    assertThat(seconds, is(both(greaterThanOrEqualTo(5L)).and(lessThan(40L))));
  }

  @Test
  void givenContainerWithoutOurLabels_thenItIsNotThereForUs() {
    String id = OwnSandboxes.idOf(RequestId.mint());
    docker
        .engine()
        .createContainerCmd(TestEngine.BUSYBOX)
        .withName(id)
        .withLabels(Map.of("somebody", "else"))
        .withCmd("true")
        .exec();
    try {
      assertThrows(SandboxNotFoundException.class, () -> DockerFixture.get(docker.service.get(id)));
      assertThrows(
          SandboxNotFoundException.class,
          () -> DockerFixture.get(docker.service.delete(DeleteRequest.of(id))));
      docker.engine().inspectContainerCmd(id).exec();
    } finally {
      docker.engine().removeContainerCmd(id).exec();
    }
  }

  @Test
  void givenContainerLongOverdue_whenAnybodyLists_thenItIsRemoved() {
    String id = neverStarted();
    ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    DockerSettings settings = DockerSettings.of(docker.config, Map.of());
    try (Engine engine = Engine.of(settings)) {
      EngineFacts facts = EngineFacts.of(engine);
      EngineFacts later = ahead(facts, Duration.ofMinutes(7));
      new OtherSandboxes(
              new Context(
                  settings, engine, facts, new Seals(engine, facts), new Timer(threads), threads))
          .list(List.of(docker.run));
      docker.engine().inspectContainerCmd(id).exec();

      new OtherSandboxes(
              new Context(
                  settings, engine, later, new Seals(engine, later), new Timer(threads), threads))
          .list(List.of(docker.run));

      await().until(() -> docker.list(docker.service), is(empty()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void givenLostAnswerOfACreate_whenAskedAgain_thenTheSameContainerIsTakenUp() {
    RequestId request = RequestId.mint();
    SandboxSpec spec = docker.spec().build();
    String id = OwnSandboxes.idOf(request);
    DockerSettings settings = DockerSettings.of(docker.config, Map.of());
    try (Engine engine = Engine.of(settings)) {
      engine.create(
          new ContainerPlan(
              id, TestEngine.BUSYBOX, spec, settings, EngineFacts.of(engine), Optional.empty()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }

    SandboxInfo info = DockerFixture.get(docker.service.create(spec, request));

    assertThat(info.id(), is(id));
    assertThat(info.state(), is(SandboxState.RUNNING));
    assertThat(docker.sh(id, "echo here").stdoutUtf8(), is("here\n"));
    assertThat(docker.list(docker.service).size(), is(1));
  }

  @Test
  void givenSeal_thenItIsKeptAsLongAsPromisedAndRemovedSomeTimeAfter() throws IOException {
    Tag job = Tag.job(UUID.randomUUID().toString());
    try (Engine engine = Engine.of(DockerSettings.of(docker.config, Map.of()))) {
      EngineFacts facts = EngineFacts.of(engine);
      new Seals(engine, facts).seal(job);

      Seals atItsEnd = new Seals(engine, ahead(facts, SandboxService.SEAL_RETENTION));
      atItsEnd.forgetOld();
      assertThat(atItsEnd.of(job), is(Seal.SEALED));
      Seals later = new Seals(engine, ahead(facts, SandboxService.SEAL_RETENTION.multipliedBy(3)));
      assertThat(later.of(job), is(Seal.OPEN));
      later.forgetOld();
      assertThat(new Seals(engine, facts).of(job), is(Seal.OPEN));
    }
  }

  private static EngineFacts ahead(EngineFacts facts, Duration time) {
    return new EngineFacts(
        facts.name(), facts.host(), time, facts.runtimes(), facts.security(), facts.cgroups());
  }
}
