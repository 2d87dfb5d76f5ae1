package io.sandbeam.cli;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.matchesPattern;

import io.sandbeam.server.Limits;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.ForwardingSandboxService;
import io.sandbeam.testing.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sandbeam sweep} as a process with little memory, against a server with a large job. */
@Timeout(300)
class SweepScaleTest {
  private static final int SANDBOXES = 10_000;
  private static final int FOREIGN = 20;

  /** One after the other, the deletes alone would take more than three minutes. */
  private static final Duration DELETE_TAKES = Duration.ofMillis(20);

  private static final int MANY = 8;

  private final FaultySandboxService service =
      FaultySandboxService.inMemory().latency(Operation.DELETE, DELETE_TAKES);
  private final AtomicInteger deletes = new AtomicInteger();
  private final AtomicInteger mostDeletes = new AtomicInteger();
  private SandbeamServer server;
  @TempDir private Path folder;

  @BeforeEach
  void aLargeJobIsLeft() {
    server =
        SandbeamServer.builder(counting(service))
            .bind("127.0.0.1", 0)
            .accessLog(folder.resolve("access"))
            .limits(Limits.DEFAULT.withSandboxes(2 * SANDBOXES, 2 * SANDBOXES))
            .start();
    create(SANDBOXES, Tag.job("large"));
    create(FOREIGN, Tag.job("large-other"));
  }

  private SandboxService counting(SandboxService counted) {
    return new ForwardingSandboxService(counted) {
      @Override
      public CompletableFuture<DeleteResult> delete(DeleteRequest request) {
        mostDeletes.accumulateAndGet(deletes.incrementAndGet(), Math::max);
        return super.delete(request).whenComplete((result, failure) -> deletes.decrementAndGet());
      }
    };
  }

  private void create(int count, Tag job) {
    for (int i = 0; i < count; i++) {
      SandboxSpec spec =
          SandboxSpec.builder()
              .tags(Tag.PRODUCT.value(), job.value())
              .maxLifetime(Duration.ofHours(1))
              .build();
      service.create(spec, RequestId.mint()).join();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    service.purge(PurgeRequest.tagged(List.of(Tag.job("large-other")))).join();
    server.close();
    assertThat(service.live(), is(empty()));
  }

  @Test
  void givenTenThousandSandboxesAndAKilledSweeper_thenTheNextOneGoesOnAndProvesItEmpty()
      throws Exception {
    Process first = sweep("first");
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> live("large") < SANDBOXES / 2 || !first.isAlive());
    assertThat("it is at work: " + said("first.err"), first.isAlive(), is(true));
    first.destroyForcibly().waitFor();
    // It tells once a second how far it is.
    assertThat(said("first.err"), containsString("of 10,000 gone after"));
    int left = live("large");
    assertThat(left, is(lessThan(SANDBOXES / 2)));

    mostDeletes.set(0);
    Process second = sweep("second");
    assertThat("it ends", second.waitFor(3, TimeUnit.MINUTES), is(true));

    assertThat(said("second.err"), second.exitValue(), is(0));
    assertThat(said("second.out").strip(), matchesPattern("(?s).*\\bempty\\b.*"));
    assertThat("many at a time", mostDeletes.get(), is(greaterThan(MANY)));
    assertThat(service.live(Tag.job("large")), is(empty()));
    assertThat("of the other job", service.live(Tag.job("large-other")), hasSize(FOREIGN));
  }

  private int live(String job) {
    return service.live(Tag.job(job)).size();
  }

  private Process sweep(String name) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "sweep",
            "--job=large",
            "--service=" + server.uri())
        .redirectOutput(folder.resolve(name + ".out").toFile())
        .redirectError(folder.resolve(name + ".err").toFile())
        .start();
  }

  private String said(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }
}
