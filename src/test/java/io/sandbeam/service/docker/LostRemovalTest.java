package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An engine that is asked to tell when a container is removed, and never does: as Docker 20.10 when
 * it is asked in the very moment of it.
 */
class LostRemovalTest {
  private final AtomicInteger removals = new AtomicInteger();
  private final ScriptedEngine engine;
  private final DockerFixture docker;

  LostRemovalTest() throws IOException {
    engine = new ScriptedEngine(TestEngine.DOCKER.address(), this::reply);
    docker = DockerFixture.by(engine);
  }

  private Optional<ScriptedEngine.Reply> reply(String call) {
    if (call.startsWith("DELETE") && call.contains("/containers/sb-")) {
      removals.incrementAndGet();
    }
    return call.contains("/wait?") ? Optional.of(ScriptedEngine.Reply.NEVER) : Optional.empty();
  }

  @AfterEach
  void nothingIsLeft() {
    try (engine) {
      docker.close();
    }
  }

  @Test
  void givenDelete_thenALookTellsThatItIsGoneBeforeAnybodyAsksForItsRemoval() {
    String id = docker.create();
    assertThat(docker.sh(id, "echo here").stdoutUtf8(), is("here\n"));
    // The first create of a service may have removed others, which never ran.
    removals.set(0);

    DockerFixture.get(docker.service.delete(DeleteRequest.of(id)));

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> docker.info(id).state(), is(SandboxState.TERMINATED));
    assertThat(removals.get(), is(0));
  }

  @Test
  void givenRemovalByAnotherClient_thenTheCommandHasNoResultAndItsSandboxIsSeenToBeGone() {
    String id = docker.create();
    CompletableFuture<ExecResult> command =
        docker.service.exec(
            id,
            ExecRequest.builder("sh", "-c", "touch on; sleep 600")
                .timeout(Duration.ofSeconds(4))
                .build());
    await().until(() -> docker.sh(id, "test -e on").exitCode(), is(0));

    docker.engine().removeContainerCmd(id).withForce(true).exec();

    assertThrows(SandboxNotRunningException.class, () -> DockerFixture.get(command));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> docker.info(id).state(), is(SandboxState.TERMINATED));
  }
}
