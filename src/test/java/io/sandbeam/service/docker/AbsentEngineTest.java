package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine that goes away and comes back, and what creates are told meanwhile. */
@Timeout(120)
class AbsentEngineTest {
  private final AtomicReference<String> breaking = new AtomicReference<>("nothing");
  private final ScriptedEngine engine;
  private final DockerFixture docker;

  AbsentEngineTest() throws IOException {
    engine = new ScriptedEngine(TestEngine.DOCKER.address(), this::reply);
    docker = DockerFixture.by(engine);
  }

  private Optional<ScriptedEngine.Reply> reply(String request) {
    if (!request.contains(breaking.get())) {
      return Optional.empty();
    }
    breaking.set("nothing");
    engine.away();
    return Optional.of(ScriptedEngine.Reply.BROKEN);
  }

  @AfterEach
  void nothingIsLeft() {
    try (engine) {
      docker.close();
    }
  }

  @Test
  void givenEngineThatIsAway_thenACreateFailsAtOnceAndCertainly() throws IOException {
    docker.create();
    engine.away();

    SandboxException e = assertThrows(SandboxUnavailableException.class, docker::create);

    assertThat(e.effect(), is(Effect.NONE));
    engine.back();
  }

  @Test
  void givenEngineThatGoesDuringTheStart_thenTheCreateFailsInDoubtAndItsContainerGoesLater()
      throws IOException {
    SandboxSpec spec = docker.spec().build();
    RequestId request = RequestId.mint();
    breaking.set("/start");

    SandboxException e =
        assertThrows(
            SandboxException.class, () -> DockerFixture.get(docker.service.create(spec, request)));

    assertThat(e.effect(), is(Effect.UNKNOWN));
    assertThat(e.retryable(), is(true));
    assertThrows(
        SandboxException.class, () -> DockerFixture.get(docker.service.create(spec, request)));
    engine.back();
    await().until(() -> docker.list(docker.service), is(empty()));
  }
}
