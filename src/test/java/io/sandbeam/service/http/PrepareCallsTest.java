package io.sandbeam.service.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.PrepareHeaders;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a client makes of the answers of servers that do not fetch images for it, or not in time.
 */
@Timeout(60)
class PrepareCallsTest {
  private static final Optional<String> PYTHON = Optional.of("python:3.11");
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private Transport transport;

  @AfterEach
  void close() {
    transport.close();
    timer.shutdownNow();
  }

  private PrepareCalls calls(String url, Duration longest) {
    HttpSettings settings = HttpSettings.of(ServiceConfig.of(url), Map.of());
    transport = new Transport(settings, Connections.client(settings));
    Repeating repeating =
        new Repeating(timer, new Throttle(), Duration.ofSeconds(1), Duration.ofSeconds(1));
    Api api = new Api(transport, repeating, settings.callTimeout());
    return new PrepareCalls(api, timer, settings.callTimeout(), longest);
  }

  private static MockWebServer serve(Function<RecordedRequest, MockResponse> answer)
      throws IOException {
    MockWebServer server = new MockWebServer();
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return answer.apply(request);
          }
        });
    server.start();
    return server;
  }

  private PrepareCalls calls(MockWebServer server, Duration longest) {
    return calls("http://127.0.0.1:" + server.getPort(), longest);
  }

  @Test
  void givenSomebodyElsesServer_thenItIsAskedOnceForWhatWasPublishedAndNothingComesOfIt()
      throws Exception {
    FaultySandboxService service = FaultySandboxService.inMemory().images("known").preparesImages();
    try (ForeignServer server = new ForeignServer(service)) {
      calls(server.url(), Duration.ofHours(1)).prepare(PYTHON).get(30, TimeUnit.SECONDS);

      assertThat(server.requests(), hasSize(1));
      RecordedRequest request = server.requests().get(0);
      assertThat(ForeignServer.method(request), is(ApiMethod.LIST_SANDBOXES));
      assertThat(
          ForeignServer.query(ApiMethod.LIST_SANDBOXES, request.getUrl()).int32("pageSize"), is(1));
      assertThat(service.live(), hasSize(0));
    }
  }

  @ParameterizedTest
  @CsvSource({"501,12", "404,5", "400,3", "400,9"})
  void givenAServerThatDoesNotTakeTheList_thenNothingComesOfIt(int http, int code)
      throws Exception {
    byte[] body =
        ("{\"code\": " + code + ", \"message\": \"no\"}").getBytes(StandardCharsets.UTF_8);
    try (MockWebServer server = serve(request -> ForeignServer.json(http, body))) {
      calls(server, Duration.ofHours(1)).prepare(PYTHON).get(30, TimeUnit.SECONDS);

      assertThat(server.getRequestCount(), is(1));
    }
  }

  @Test
  void givenAnImageThatNeverComes_thenItIsNotWaitedForForEver() throws Exception {
    try (MockWebServer server =
        serve(
            request ->
                ForeignServer.json(200, "{}".getBytes(StandardCharsets.UTF_8))
                    .newBuilder()
                    .setHeader(PrepareHeaders.NAME, PrepareHeaders.PENDING)
                    .build())) {
      PrepareCalls calls = calls(server, Duration.ofMillis(500));

      ExecutionException failed =
          assertThrows(
              ExecutionException.class, () -> calls.prepare(PYTHON).get(30, TimeUnit.SECONDS));

      assertThat(failed.getCause(), is(instanceOf(SandboxUnavailableException.class)));
      assertThat(
          failed.getCause().getMessage(),
          is("Image 'python:3.11' is still on its way after PT0.5S"));
    }
  }
}
