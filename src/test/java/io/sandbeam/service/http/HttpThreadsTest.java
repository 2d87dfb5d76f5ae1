package io.sandbeam.service.http;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hundreds of commands in flight take no threads of ours, and none is left at the end. */
class HttpThreadsTest {
  private static final Logger LOG = LoggerFactory.getLogger(HttpThreadsTest.class);
  private static final int COMMANDS = 300;

  /** There is one for each call before JDK 21; they are virtual since. */
  private static boolean isOfACall(String name) {
    // OkHttp gives a thread the name of its call.
    return name.matches("sandbeam-http-\\d+|OkHttp http://.*");
  }

  private static List<String> threads(Predicate<String> names) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(names)
        .sorted()
        .toList();
  }

  private static List<String> ours() {
    return threads(name -> name.startsWith("sandbeam-http") || isOfACall(name));
  }

  @Test
  void givenHundredsOfCommandsInFlight_thenOurThreadsAreAHandfulAndAllEndWithTheClient()
      throws IOException {
    await().until(HttpThreadsTest::ours, is(empty()));
    try (WaitingServer server = new WaitingServer()) {
      List<CompletableFuture<ExecResult>> calls;
      try (SandboxService client =
          new HttpServiceProvider(Map.of()).open(ServiceConfig.of(server.url()))) {
        List<String> before = threads(name -> true);
        calls =
            IntStream.range(0, COMMANDS)
                .mapToObj(i -> client.exec("sandbox-1", ExecRequest.of("sleep", "9")))
                .toList();
        await().until(server::waiting, is(COMMANDS));

        List<String> perCall = threads(HttpThreadsTest::isOfACall);
        // OkHttp's own for connecting come and go, and are shared by all clients of a JVM.
        List<String> others =
            threads(name -> !before.contains(name) && !name.matches("(OkHttp|Okio) .*"));
        LOG.info("{} in flight: {} threads of calls, besides {}", COMMANDS, perCall.size(), others);
        assertThat(others.toString(), others.size(), is(lessThanOrEqualTo(8)));
        assertThat(
            perCall.size(), is(lessThanOrEqualTo(Runtime.version().feature() < 21 ? COMMANDS : 0)));
      }
      await().until(HttpThreadsTest::ours, is(empty()));
      assertThat(calls.stream().filter(CompletableFuture::isDone).toList(), hasSize(COMMANDS));
    }
  }
}
