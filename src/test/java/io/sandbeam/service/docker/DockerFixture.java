package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import com.github.dockerjava.api.DockerClient;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestEngine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A service of one test, the engine behind it, and the proof that nothing is left of it. */
final class DockerFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final Tag run = Tag.of("docker-test-" + UUID.randomUUID());
  final ServiceConfig config;
  final SandboxService service;
  private final Engine engine;

  DockerFixture() {
    this(TestEngine.DOCKER.config(TestEngine.BUSYBOX));
  }

  DockerFixture(ServiceConfig config) {
    this.config = config;
    this.engine = Engine.of(DockerSettings.of(config, Map.of()));
    this.service = SandboxServices.open(config);
  }

  /** By way of an engine that does what a script says. */
  static DockerFixture by(ScriptedEngine engine) {
    return new DockerFixture(
        ServiceConfig.of(engine.address())
            .withSetting("image", TestEngine.BUSYBOX)
            .withSetting("pull", "never"));
  }

  /** The engine itself, to see what is really there and to do what others may do. */
  DockerClient engine() {
    return engine.client();
  }

  void importImage(String name, byte[] tar) {
    engine.post(
        "import an image",
        "/images/create?fromSrc=-&repo=" + name + "&tag=latest",
        new ByteArrayInputStream(tar));
  }

  SandboxService another() {
    return SandboxServices.open(config);
  }

  SandboxSpec.Builder spec() {
    return SandboxSpec.builder().tags(List.of(Tag.PRODUCT, run)).maxLifetime(Duration.ofMinutes(5));
  }

  String create(SandboxSpec spec) {
    return get(service.create(spec, RequestId.mint())).id();
  }

  String create() {
    return create(spec().build());
  }

  SandboxInfo info(String id) {
    return get(service.get(id));
  }

  ExecResult sh(String id, String script) {
    return exec(
        id, ExecRequest.builder("sh", "-c", script).timeout(Duration.ofSeconds(50)).build());
  }

  ExecResult exec(String id, ExecRequest request) {
    return get(service.exec(id, request));
  }

  List<SandboxInfo> list(SandboxService by) {
    return get(by.list(ListRequest.tagged(List.of(run)))).sandboxes();
  }

  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("not answered", e);
    }
  }

  @Override
  public void close() {
    service.close();
    try (engine;
        SandboxService cleaner = another()) {
      for (SandboxInfo info : list(cleaner)) {
        get(cleaner.delete(DeleteRequest.of(info.id()).withMissingOk(MissingOk.YES)));
      }
      assertThat(
          engine.list(Labels.filter(List.of(run))).stream().map(c -> c.getState()).toList(),
          is(List.of()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
