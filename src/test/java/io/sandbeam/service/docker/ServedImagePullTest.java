package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.http.wire.PrepareHeaders;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images that the engine behind a server does not have, asked for by the server's clients. */
@Timeout(180)
class ServedImagePullTest {
  private final DockerFixture docker = new DockerFixture();
  private LoopbackRegistry registry;
  private SandbeamServer server;

  @BeforeEach
  void serve() throws IOException {
    registry = new LoopbackRegistry(ImagePullTest.busybox(), Optional.empty());
    ServiceConfig config =
        ServiceConfig.of(TestEngine.DOCKER.address()).withSetting("image", registry.image());
    server = SandbeamServer.builder(SandboxServices.open(config)).bind("127.0.0.1", 0).start();
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
    docker
        .engine()
        .listImagesCmd()
        .withReferenceFilter(registry.image())
        .exec()
        .forEach(image -> docker.engine().removeImageCmd(image.getId()).withForce(true).exec());
    registry.close();
    docker.close();
  }

  private SandboxService client() {
    return SandboxServices.open(server.uri().toString());
  }

  @Test
  void givenWorkersThatAskForOneImage_thenItIsPulledOnceHoweverLongItTakes() {
    registry.stall();
    List<SandboxService> workers = Stream.generate(this::client).limit(10).toList();
    try {
      List<CompletableFuture<Void>> prepared =
          workers.stream().map(worker -> worker.prepare(Optional.empty())).toList();
      await().atMost(DockerFixture.PATIENCE).until(() -> registry.asked() > 0);
      // Longer than the server lets anybody wait for an answer.
      await()
          .during(PrepareHeaders.LONGEST_WAIT.plusSeconds(3))
          .atMost(Duration.ofSeconds(30))
          .until(() -> prepared.stream().noneMatch(CompletableFuture::isDone));

      registry.goOn();
      prepared.forEach(DockerFixture::get);
    } finally {
      workers.forEach(SandboxService::close);
    }
    assertThat(registry.layersSent(), is(1));
  }

  @Test
  void givenImageThatCannotBeHad_thenTheClientIsToldBeforeItCreatesAnything() {
    String missing = registry.host() + "/tools/box:other";
    try (SandboxService client = client()) {
      SandboxValidationException refusal =
          assertThrows(
              SandboxValidationException.class,
              () -> DockerFixture.get(client.prepare(Optional.of(missing))));

      assertThat(
          refusal.getMessage(),
          allOf(
              containsString("Image '" + missing + "' cannot be used"),
              not(containsString("ListSandboxes"))));
    }
  }
}
