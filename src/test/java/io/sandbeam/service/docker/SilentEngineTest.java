package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An engine that takes calls and does not answer them. */
@Timeout(120)
class SilentEngineTest {
  @TempDir private Path folder;

  @Test
  void givenUnixSocketThatNeverAnswers_thenACallFailsAtItsLimitAndItsThreadIsFree()
      throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("engine.sock"));
    try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.bind(address);
      DockerSettings settings =
          DockerSettings.of(ServiceConfig.of("docker:unix://" + address.getPath()), Map.of());
      try (Engine engine = Engine.of(settings, Duration.ofMillis(200))) {
        SandboxException e =
            assertThrows(SandboxTimeoutException.class, () -> engine.inspect("sb-any"));

        assertThat(e.getMessage(), containsString("did not answer within 200 ms"));
        assertThat(Thread.currentThread().isInterrupted(), is(false));
        assertThrows(
            SandboxTimeoutException.class, () -> new ContainerEnd(engine, "sb").awaitRemoval());
      }
    }
  }

  @Test
  void givenAttachesThatAreNeverAnswered_whenDeleted_thenTheyEndAndOthersStart() throws Exception {
    AtomicInteger silent = new AtomicInteger(4);
    try (ScriptedEngine engine =
            new ScriptedEngine(
                TestEngine.DOCKER.address(),
                request ->
                    request.contains("/attach?") && silent.getAndDecrement() > 0
                        ? Optional.of(ScriptedEngine.Reply.NEVER)
                        : Optional.empty());
        DockerFixture docker = DockerFixture.by(engine)) {
      List<RequestId> requests = Stream.generate(RequestId::mint).limit(4).toList();
      List<CompletableFuture<SandboxInfo>> stuck =
          requests.stream()
              .map(request -> docker.service.create(docker.spec().build(), request))
              .toList();
      await().until(silent::get, is(0));

      for (RequestId request : requests) {
        DockerFixture.get(
            docker.service.delete(
                DeleteRequest.of(OwnSandboxes.idOf(request)).withMissingOk(MissingOk.YES)));
      }

      for (CompletableFuture<SandboxInfo> one : stuck) {
        assertThrows(SandboxException.class, () -> DockerFixture.get(one));
      }
      assertThat(docker.sh(docker.create(), "echo here").stdoutUtf8(), is("here\n"));
    }
  }

  @Test
  void givenAttachThatIsNeverAnswered_thenWaitingEndsAndALateOneIsClosed() {
    Lease lease = new Lease();

    SandboxException e =
        assertThrows(SandboxTimeoutException.class, () -> lease.await(Duration.ofMillis(50)));

    assertThat(e.getMessage(), containsString("did not attach within 50 ms"));
    assertThat(lease.send("q"), is(false));
  }
}
