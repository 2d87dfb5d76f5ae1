package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Session;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

  @Test
  void givenAFileAboveWhatOneCallMoves_thenItIsCopiedWhole(@TempDir Path folder) throws Exception {
    int size = 2 * SandboxService.MAX_FILE_BYTES + 7;
    Path copy = folder.resolve("large");
    try (SandboxService local = SandboxServices.open("local");
        Session session =
            Session.open(local, SandboxDefaults.builder().tags("output-files-test").build());
        OutputFiles files = new OutputFiles()) {
      var sandbox = session.sandbox();
      String sum =
          sandbox
              .exec("sh", "-c", "head -c " + size + " /dev/urandom | tee large | sha256sum")
              .join()
              .stdoutUtf8();

      assertThat(
          files.copy(sandbox, Map.of("large", copy.toString())).join().missing(), is(empty()));

      byte[] copied = Files.readAllBytes(copy);
      assertThat(copied.length, is(size));
      assertThat(
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(copied)),
          is(sum.substring(0, 64)));
    }
  }

  @Test
  void givenAFileAboveTheLimit_thenItIsNamedAndNothingOfItIsLeft(@TempDir Path folder)
      throws Exception {
    try (SandboxService local = SandboxServices.open("local");
        Session session =
            Session.open(local, SandboxDefaults.builder().tags("output-files-test").build());
        OutputFiles files = new OutputFiles(48 << 20)) {
      var sandbox = session.sandbox();
      sandbox.exec("truncate", "-s", "49M", "large").join();

      OutputFiles.Copied copied =
          files.copy(sandbox, Map.of("large", folder.resolve("large").toString())).join();

      assertThat(copied.missing(), is(List.of("large: not copied, above the limit of 48Mi")));
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left.toList(), is(empty()));
      }
    }
  }
}
