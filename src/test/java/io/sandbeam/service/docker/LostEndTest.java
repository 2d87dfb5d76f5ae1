package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An engine that does not tell that a container has closed its streams. */
class LostEndTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final ForgetfulEngine engine;
  private final DockerFixture docker;

  LostEndTest() throws IOException {
    engine = new ForgetfulEngine(TestEngine.DOCKER.address());
    docker =
        new DockerFixture(
            ServiceConfig.of(engine.address())
                .withSetting("image", TestEngine.BUSYBOX)
                .withSetting("pull", "never"));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    try (engine) {
      docker.close();
    }
  }

  @Test
  void givenDelete_thenItIsSeenToBeGone() {
    String id = docker.create();
    assertThat(docker.sh(id, "echo here").stdoutUtf8(), is("here\n"));

    DockerFixture.get(docker.service.delete(DeleteRequest.of(id)));

    await().atMost(SOON).until(() -> docker.info(id).state(), is(SandboxState.TERMINATED));
  }

  @Test
  void givenLifetimeThatIsOver_thenItIsSeenToBeGone() {
    String id = docker.create(docker.spec().maxLifetime(Duration.ofSeconds(2)).build());

    await().atMost(SOON).until(() -> docker.info(id).state(), is(SandboxState.FAILED));
  }
}
