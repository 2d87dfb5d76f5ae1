package io.sandbeam.service.http;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Many commands at once, as many as allowed and no more. */
class HttpConcurrencyTest {
  private static final Logger LOG = LoggerFactory.getLogger(HttpConcurrencyTest.class);
  private static final int COMMANDS = 2_000;
  private static final int AT_ONCE = 100;
  private static final Duration EACH = Duration.ofMillis(200);

  @Test
  void givenServerThatTakes200ms_whenManyCommandsRun_thenAHundredAtOnceAndNearTheIdealRate()
      throws IOException {
    try (MockWebServer server = new MockWebServer()) {
      server.setDispatcher(
          new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
              return ForeignServer.json(200, "{}".getBytes(StandardCharsets.UTF_8))
                  .newBuilder()
                  .headersDelay(EACH.toMillis(), MILLISECONDS)
                  .build();
            }
          });
      server.start();
      ServiceConfig config =
          ServiceConfig.of("http://127.0.0.1:" + server.getPort())
              .withSetting("concurrency", Integer.toString(AT_ONCE));
      try (SandboxService client = new HttpServiceProvider(Map.of()).open(config)) {
        run(client, AT_ONCE);
        long start = System.nanoTime();

        List<ExecResult> results = run(client, COMMANDS);

        Duration took = Duration.ofNanos(System.nanoTime() - start);
        long ideal = EACH.toMillis() * COMMANDS / AT_ONCE;
        LOG.info("{} commands in {} ms, ideal {} ms", COMMANDS, took.toMillis(), ideal);
        assertThat(results.stream().filter(ExecResult::succeeded).count(), is((long) COMMANDS));
        assertThat("never more at once", took.toMillis(), is(greaterThanOrEqualTo(ideal)));
        assertThat("at least half the ideal rate", 2 * ideal, is(greaterThan(took.toMillis())));
      }
    }
  }

  private static List<ExecResult> run(SandboxService client, int count) {
    List<CompletableFuture<ExecResult>> calls =
        IntStream.range(0, count)
            .mapToObj(i -> client.exec("sandbox-1", ExecRequest.of("true")))
            .toList();
    return calls.stream().map(CompletableFuture::join).toList();
  }
}
