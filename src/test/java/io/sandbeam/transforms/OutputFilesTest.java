package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files on their way out of sandboxes. */
@Timeout(60)
class OutputFilesTest {

  private static List<CompletableFuture<OutputFiles.Copied>> copy(
      OutputFiles files, Session session, Path folder, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              var sandbox = session.sandbox();
              sandbox.writeFile("/workspace/a", ("" + i).getBytes(StandardCharsets.UTF_8)).join();
              return files.copy(sandbox, Map.of("a", folder.resolve("a" + i).toString()));
            })
        .toList();
  }

  @Test
  void givenManyCommandsThatEndTogether_thenOnlyAFewFilesAreInMemoryAtATime(@TempDir Path folder) {
    FaultySandboxService service = FaultySandboxService.inMemory();
    service.latency(Operation.READ_FILE, Duration.ofMillis(50));
    try (Session session = Session.open(service, SandboxDefaults.none());
        OutputFiles files = new OutputFiles()) {
      service.hangNext(Operation.READ_FILE, 4);
      List<CompletableFuture<OutputFiles.Copied>> copies = copy(files, session, folder, 20);
      await().untilAsserted(() -> assertThat(service.calls(Operation.READ_FILE), hasSize(4)));
      await()
          .during(Duration.ofMillis(300))
          .untilAsserted(
              () ->
                  assertThat(service.calls(Operation.READ_FILE).size(), is(lessThanOrEqualTo(4))));
      assertThat(copies.stream().filter(CompletableFuture::isDone).toList(), is(empty()));
    }
    assertThat(service.live(), is(empty()));
    service.close();
  }

  @Test
  void givenMoreFilesThanTurns_thenAllAreCopied(@TempDir Path folder) throws Exception {
    FaultySandboxService service = FaultySandboxService.inMemory();
    try (Session session = Session.open(service, SandboxDefaults.none());
        OutputFiles files = new OutputFiles()) {
      for (CompletableFuture<OutputFiles.Copied> copied : copy(files, session, folder, 20)) {
        assertThat(copied.join().written().keySet(), hasSize(1));
      }
    }
    for (int i = 0; i < 20; i++) {
      assertThat(Files.readString(folder.resolve("a" + i)), is("" + i));
    }
    assertThat(service.live(), is(empty()));
    service.close();
  }
}
