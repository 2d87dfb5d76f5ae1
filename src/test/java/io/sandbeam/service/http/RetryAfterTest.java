package io.sandbeam.service.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hint of HTTP itself, for want of one in the body. */
class RetryAfterTest {

  @Test
  void givenSeconds_thenThatIsTheHint() {
    assertThat(RetryAfter.of(" 7 "), is(Optional.of(Duration.ofSeconds(7))));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "soon", "-1", "1.5", "12345678", "Wed, 21 Oct 2026 07:28:00 GMT"})
  void givenAnythingElse_thenThereIsNone(String header) {
    assertThat(RetryAfter.of(header), is(Optional.empty()));
  }

  @Test
  void givenAProxyThatIsBusy_thenTheNextTryIsAsLateAsItsHeaderSays() throws IOException {
    try (MockWebServer server = new MockWebServer()) {
      server.enqueue(
          new MockResponse.Builder()
              .code(429)
              .setHeader("Retry-After", "1")
              .body("<html>slow down</html>")
              .build());
      server.enqueue(ForeignServer.json(200, "{}".getBytes(StandardCharsets.UTF_8)));
      server.start();
      ServiceConfig config = ServiceConfig.of("http://127.0.0.1:" + server.getPort());
      try (SandboxService client = new HttpServiceProvider(Map.of()).open(config)) {
        client.list(ListRequest.tagged(Tag.setOf("busy"))).join();

        assertThat(client.throttledTime(), is(greaterThanOrEqualTo(Duration.ofSeconds(1))));
      }
    }
  }
}
