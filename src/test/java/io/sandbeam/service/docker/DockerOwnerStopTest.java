package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;

import io.sandbeam.service.SandboxInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that is stopped, and not dead: its stream stays open, and only the lifetime is left. */
class DockerOwnerStopTest {
  private static final Duration LIFETIME = Duration.ofSeconds(15);
  private static final Duration A_FEW_SECONDS = Duration.ofSeconds(10);

  private final DockerFixture docker = new DockerFixture();

  @AfterEach
  void nothingIsLeft() {
    docker.close();
  }

  private List<SandboxInfo> there() {
    return docker.list(docker.service);
  }

  /** Also when a command has killed all that it could, the timer in there among it. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "kill -9 -1; sleep 30"})
  void givenStoppedOwner_whenTheLifetimeIsOver_thenItsSandboxEndsAllTheSame(String script)
      throws IOException, InterruptedException {
    try (DockerOwner owner = DockerOwner.start(docker.config, docker.run, LIFETIME, script)) {
      owner.signal("STOP");
      await().until(this::there, hasSize(1));

      await().atMost(LIFETIME.plus(A_FEW_SECONDS)).until(this::there, empty());
    }
  }
}
