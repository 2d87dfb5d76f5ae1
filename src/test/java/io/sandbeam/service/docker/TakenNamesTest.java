package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Creates that meet the containers, and the housekeeping, of others. */
@Timeout(120)
class TakenNamesTest {
  private static final Supplier<Optional<ScriptedEngine.Reply>> NOTHING = Optional::empty;

  private final RequestId request = RequestId.mint();
  private final String id = OwnSandboxes.idOf(request);
  private final AtomicReference<Supplier<Optional<ScriptedEngine.Reply>>> atCreate =
      new AtomicReference<>(NOTHING);
  private final AtomicReference<Supplier<Optional<ScriptedEngine.Reply>>> atStart =
      new AtomicReference<>(NOTHING);
  private final ScriptedEngine engine;
  private final DockerFixture docker;

  TakenNamesTest() throws IOException {
    engine = new ScriptedEngine(TestEngine.DOCKER.address(), this::reply);
    docker = DockerFixture.by(engine);
  }

  /** Each once. */
  private Optional<ScriptedEngine.Reply> reply(String call) {
    if (call.contains("/containers/create?name=" + id)) {
      return atCreate.getAndSet(NOTHING).get();
    }
    return call.contains("/start") ? atStart.getAndSet(NOTHING).get() : Optional.empty();
  }

  @AfterEach
  void nothingIsLeft() {
    try (engine) {
      docker.close();
    }
  }

  private void makeForeign() {
    docker
        .engine()
        .createContainerCmd(TestEngine.BUSYBOX)
        .withName(id)
        .withLabels(Map.of("somebody", "else"))
        .withCmd("true")
        .exec();
  }

  private SandboxException failure() {
    return assertThrows(
        SandboxException.class,
        () -> DockerFixture.get(docker.service.create(docker.spec().build(), request)));
  }

  /** What is not there cannot be removed. */
  private void removeForeign() {
    docker.engine().removeContainerCmd(id).exec();
  }

  @Test
  void givenForeignContainerOfTheName_whenCreated_thenItIsRefusedAndTheForeignOneStays() {
    makeForeign();

    assertThat(failure().getMessage(), containsString("is taken by a container that is not ours"));

    removeForeign();
  }

  @Test
  void givenForeignContainerOfTheNameAndALostAnswer_thenTheForeignOneStays() {
    makeForeign();
    atCreate.set(() -> Optional.of(ScriptedEngine.Reply.BROKEN));

    assertThat(failure().effect(), is(Effect.UNKNOWN));

    removeForeign();
  }

  @Test
  void givenContainerThatIsPrunedBeforeItsStart_thenAnotherTryMayDoBetter() {
    atStart.set(
        () -> {
          docker.engine().removeContainerCmd(id).exec();
          return Optional.empty();
        });

    SandboxException e = failure();

    assertThat(e.getMessage(), e instanceof SandboxUnavailableException, is(true));
    await().until(() -> docker.list(docker.service).isEmpty());
    String again = DockerFixture.get(docker.service.create(docker.spec().build(), request)).id();
    assertThat(again, is(id));
  }
}
