package io.sandbeam.service.local;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A state directory of one test, services on it, and the proof that nothing is left of them. */
final class LocalFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final Path state;
  private SandboxService service;

  LocalFixture() {
    try {
      state = Files.createTempDirectory(Path.of("/tmp"), "sandbeam-test-");
      // As root's own: the sandboxes' user has to pass.
      Files.setPosixFilePermissions(
          state,
          PosixFilePermissions.fromString(Identity.current().isRoot() ? "rwx--x--x" : "rwx------"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  ServiceConfig config() {
    return ServiceConfig.of("local").withSetting(LocalSettings.STATE_DIRECTORY, state.toString());
  }

  synchronized SandboxService service() {
    if (service == null) {
      service = open();
    }
    return service;
  }

  SandboxService open() {
    return SandboxServices.open(config());
  }

  static SandboxSpec.Builder spec() {
    return SandboxSpec.builder().tags("local-test").maxLifetime(Duration.ofMinutes(5));
  }

  String create(SandboxSpec spec) {
    return get(service().create(spec, RequestId.mint())).id();
  }

  ExecResult sh(String id, String script) {
    return exec(
        id, ExecRequest.builder("sh", "-c", script).timeout(Duration.ofSeconds(50)).build());
  }

  ExecResult exec(String id, ExecRequest request) {
    return get(service().exec(id, request));
  }

  SandboxInfo info(String id) {
    return get(service().get(id));
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

  /** Processes of this machine whose arguments mention this test's state directory or this text. */
  static List<HostProcess> processesMentioning(String text) {
    return HostProcess.withArguments(words -> words.stream().anyMatch(word -> word.contains(text)));
  }

  static void awaitNoProcessMentions(String text, Duration limit) {
    await()
        .atMost(limit)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> processesMentioning(text), is(List.of()));
  }

  List<Path> owners() throws IOException {
    try (Stream<Path> entries = Files.list(state.resolve("owners"))) {
      return entries.toList();
    }
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
    }
    awaitNoProcessMentions(state.getFileName().toString(), Duration.ofSeconds(10));
    try {
      if (Files.exists(state.resolve("owners"))) {
        // What dead owners left, the next one removes.
        open().close();
        assertThat(owners(), is(List.of()));
      }
      TreeDeleter.delete(state);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
