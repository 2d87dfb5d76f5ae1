package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesRegex;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.dockerjava.core.NameParser;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that the engine does not have, from a registry. */
class ImagePullTest {
  @TempDir private Path folder;
  private final DockerFixture docker = new DockerFixture();
  private LoopbackRegistry registry;

  @BeforeEach
  void serve() throws IOException {
    registry = new LoopbackRegistry(busybox(), Optional.empty());
  }

  @AfterEach
  void nothingIsLeft() {
    forget();
    registry.close();
    docker.close();
  }

  private void forget() {
    docker
        .engine()
        .listImagesCmd()
        .withReferenceFilter(registry.image())
        .exec()
        .forEach(image -> docker.engine().removeImageCmd(image.getId()).withForce(true).exec());
  }

  /** What the test engine's own image is made of. */
  static byte[] busybox() throws IOException {
    TestEngine.DOCKER.address();
    try (Stream<Path> images = Files.list(Path.of("target", "test-images"))) {
      return Files.readAllBytes(
          images
              .filter(file -> file.getFileName().toString().matches("busybox-.*\\.tar"))
              .findFirst()
              .orElseThrow());
    }
  }

  private void serveTo(String login) throws IOException {
    registry.close();
    registry = new LoopbackRegistry(busybox(), Optional.of(login));
  }

  private SandboxService open(String pull) {
    ServiceConfig config =
        ServiceConfig.of(TestEngine.DOCKER.address())
            .withSetting("image", registry.image())
            .withSetting("pull", pull);
    return new DockerServiceProvider(Map.of("DOCKER_CONFIG", folder.toString())).open(config);
  }

  private CompletableFuture<SandboxInfo> create(SandboxService service) {
    SandboxSpec spec =
        SandboxSpec.builder()
            .tags(List.of(Tag.PRODUCT, docker.run))
            .maxLifetime(Duration.ofMinutes(5))
            .build();
    return service.create(spec, RequestId.mint());
  }

  @Test
  void givenSandboxesThatStartTogether_thenTheirImageIsPulledOnce() {
    try (SandboxService service = open("missing")) {
      List<CompletableFuture<SandboxInfo>> all =
          Stream.generate(() -> create(service)).limit(4).toList();

      for (CompletableFuture<SandboxInfo> one : all) {
        String id = DockerFixture.get(one).id();
        assertThat(
            DockerFixture.get(service.exec(id, ExecRequest.of("echo", "pulled"))).stdoutUtf8(),
            is("pulled\n"));
      }
    }
    assertThat(registry.layersSent(), is(1));
  }

  @Test
  void givenPull_thenTheLogTellsOfItsBeginningItsProgressAndItsEnd() throws IOException {
    ServiceConfig config = ServiceConfig.of(TestEngine.DOCKER.address());
    String image = registry.image();
    List<String> log = new CopyOnWriteArrayList<>();
    try (Engine engine = Engine.of(DockerSettings.of(config, Map.of()))) {
      NameParser.ReposTag parts = NameParser.parseRepositoryTag(image);
      new ImagePull(engine, image, parts, log::add, Duration.ZERO).run();

      assertThat(log.get(0), is("Pulling image " + image + " at " + engine.address()));
    }
    assertThat(
        log, hasItem(matchesRegex("Pulling image " + image + ": (Downloading|Extracting).*")));
    assertThat(log.get(log.size() - 1), is("Image " + image + " is there"));
  }

  @Test
  void givenImageThatIsThere_thenMissingAsksNobodyAndAlwaysAsksTheRegistry() {
    try (SandboxService service = open("missing")) {
      DockerFixture.get(create(service));
    }
    int before = registry.manifestsSent();
    try (SandboxService service = open("missing")) {
      DockerFixture.get(create(service));
    }
    assertThat(registry.manifestsSent(), is(before));

    try (SandboxService service = open("always")) {
      DockerFixture.get(create(service));
    }
    assertThat(registry.manifestsSent(), is(greaterThan(before)));
    assertThat(registry.layersSent(), is(1));
  }

  @Test
  void givenNever_thenItIsRefusedAndTheSettingIsNamed() {
    try (SandboxService service = open("never")) {
      SandboxException e =
          assertThrows(SandboxValidationException.class, () -> DockerFixture.get(create(service)));

      assertThat(e.getMessage(), containsString(registry.image()));
      assertThat(e.getMessage(), containsString("pull=never"));
    }
  }

  @Test
  void givenLoginInDockersConfiguration_thenItIsUsed() throws IOException {
    serveTo("alice:secret");
    String auth =
        Base64.getEncoder().encodeToString("alice:secret".getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        folder.resolve("config.json"),
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(registry.host(), auth));
    try (SandboxService service = open("missing")) {
      assertThat(DockerFixture.get(create(service)).id().isEmpty(), is(false));
    }
  }

  @Test
  void givenNoLogin_thenItIsRefusedForGood() throws IOException {
    serveTo("alice:secret");
    try (SandboxService service = open("missing")) {
      SandboxException e =
          assertThrows(SandboxValidationException.class, () -> DockerFixture.get(create(service)));

      assertThat(e.getMessage(), containsString(registry.image()));
      assertThat(e.retryable(), is(false));
    }
  }

  @Test
  void givenTagThatTheRegistryDoesNotHave_thenItIsRefusedForGood() {
    try (SandboxService service =
        new DockerServiceProvider(Map.of())
            .open(
                ServiceConfig.of(TestEngine.DOCKER.address())
                    .withSetting("image", registry.host() + "/tools/box:other"))) {
      SandboxException e =
          assertThrows(SandboxValidationException.class, () -> DockerFixture.get(create(service)));

      assertThat(e.getMessage(), containsString("/tools/box:other"));
    }
  }

  @Test
  void givenImageThatCannotBeHad_thenPreparingItSaysSo() {
    registry.empty();
    try (SandboxService service = open("missing")) {
      SandboxException e =
          assertThrows(
              SandboxValidationException.class,
              () -> DockerFixture.get(service.prepare(Optional.empty())));

      assertThat(e.getMessage(), containsString(registry.image()));
    }
  }

  @Test
  void givenRefusal_thenTheRegistryIsNotAskedAgainForAWhile() throws IOException {
    registry.empty();
    ServiceConfig config =
        ServiceConfig.of(TestEngine.DOCKER.address()).withSetting("image", registry.image());
    DockerSettings settings = DockerSettings.of(config, Map.of());
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    try (Engine engine = Engine.of(settings);
        Images images = new Images(settings, engine, Runnable::run, now::get)) {
      assertThat(images.ready(Optional.empty()).isCompletedExceptionally(), is(true));
      int asked = registry.asked();
      assertThat(asked, is(greaterThan(0)));

      assertThat(images.ready(Optional.empty()).isCompletedExceptionally(), is(true));
      assertThat(registry.asked(), is(asked));

      now.set(now.get().plus(Images.REFUSED_FOR));
      assertThat(images.ready(Optional.empty()).isCompletedExceptionally(), is(true));
      assertThat(registry.asked(), is(greaterThan(asked)));
    }
  }

  @Test
  void givenPullThatStalls_thenCallsOfOthersAreAnsweredMeanwhile() {
    registry.stall();
    try (SandboxService service = open("missing")) {
      // More than the service has workers.
      List<CompletableFuture<SandboxInfo>> all =
          Stream.generate(() -> create(service)).limit(100).toList();
      await().until(() -> registry.asked() > 0);

      assertThat(docker.list(service).size(), is(0));
      assertThat(all.stream().noneMatch(CompletableFuture::isDone), is(true));

      registry.empty();
      for (CompletableFuture<SandboxInfo> one : all) {
        assertThrows(SandboxValidationException.class, () -> DockerFixture.get(one));
      }
    }
  }

  @Test
  void givenImageThatSomebodyRemovesMeanwhile_thenItIsPulledAgain() {
    try (SandboxService service = open("missing")) {
      String first = DockerFixture.get(create(service)).id();
      DockerFixture.get(service.delete(DeleteRequest.of(first)));
      await().until(() -> DockerFixture.get(service.get(first)).isTerminal());
      forget();

      assertThat(DockerFixture.get(create(service)).state(), is(SandboxState.RUNNING));
    }
    assertThat(registry.layersSent(), is(2));
  }

  @Test
  void givenRegistryThatIsAway_thenItIsWorthAnotherTry() {
    registry.close();
    try (SandboxService service = open("missing")) {
      SandboxException e =
          assertThrows(SandboxUnavailableException.class, () -> DockerFixture.get(create(service)));

      assertThat(e.getMessage(), containsString(registry.image()));
      assertThat(e.retryable(), is(true));
    }
  }

  @Test
  void givenCredentialHelper_thenItIsAskedAndOneThatHangsHoldsNobody() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Files.writeString(
        folder.resolve("config.json"),
        "{\"credHelpers\":{\"good.example\":\"good\",\"slow.example\":\"slow\"}}");
    script(
        bin,
        "good",
        "read -r host; echo \"{\\\"Username\\\":\\\"bob\\\",\\\"Secret\\\":\\\"of $host\\\"}\"");
    script(bin, "slow", "exec sleep 300");
    RegistryCredentials credentials =
        new RegistryCredentials(
            EngineConfig.of(
                DockerSettings.of(
                    ServiceConfig.of(TestEngine.DOCKER.address()),
                    Map.of("DOCKER_CONFIG", folder.toString()))),
            bin.toString(),
            Duration.ofMillis(200));

    assertThat(credentials.of("good.example/tools/box").orElseThrow().getUsername(), is("bob"));
    assertThat(
        credentials.of("good.example/tools/box").orElseThrow().getPassword(),
        is("of good.example"));
    assertThat(credentials.of("slow.example/tools/box").isPresent(), is(false));
  }

  private static void script(Path bin, String name, String text) throws IOException {
    Path file = Files.writeString(bin.resolve("docker-credential-" + name), "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
