package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.ShowTerminated;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server of containers: they are leased to its process, and its successor knows how they ended.
 */
@Timeout(300)
class DockerRestartTest {
  private static final Duration LEASE = Duration.ofSeconds(10);
  @TempDir Path folder;
  private final Tag run = Tag.of("docker-restart-" + UUID.randomUUID());

  /** A server in a process of its own; prints its address and serves until it is killed. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      ServiceConfig config =
          ServiceConfig.of(args[0])
              .withSetting("image", TestEngine.BUSYBOX)
              .withSetting("pull", "never");
      SandbeamServer server =
          SandbeamServer.builder(SandboxServices.open(config))
              .bind("127.0.0.1", 0)
              .state(Path.of(args[1]))
              .start();
      System.out.println(server.uri());
      // Its parent never writes: it waits for the end of the pipe, or for SIGKILL.
      int end = System.in.read();
      System.exit(end);
    }
  }

  @Test
  void givenAKilledServerOfContainers_thenNoneIsAliveAndTheNextOneHasTheirRecords()
      throws Exception {
    Path state = folder.resolve("state");
    RequestId request = RequestId.mint();
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                TestEngine.DOCKER.address(),
                state.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String id;
    String deleted;
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8);
        SandboxService client = SandboxServices.open(out.readLine())) {
      id = running(client, request);
      deleted = running(client, RequestId.mint());
      assertThat(
          client.exec(id, ExecRequest.builder("echo", "hello").build()).join().stdoutUtf8(),
          is("hello\n"));
      client.delete(DeleteRequest.of(deleted)).join();
      await().until(() -> client.get(deleted).join().isTerminal());
      assertThat(listed(client, ShowTerminated.NO), contains(id));
    } finally {
      // SIGKILL: no hook, no close, no last word.
      child.destroyForcibly().waitFor();
    }

    try (SandboxService engine =
        SandboxServices.open(TestEngine.DOCKER.config(TestEngine.BUSYBOX))) {
      await("containers alive")
          .atMost(LEASE)
          .until(() -> listed(engine, ShowTerminated.NO), is(empty()));
    }
    try (SandbeamServer next =
            SandbeamServer.builder(
                    SandboxServices.open(TestEngine.DOCKER.config(TestEngine.BUSYBOX)))
                .bind("127.0.0.1", 0)
                .state(state)
                .start();
        SandboxService client = SandboxServices.open(next.uri().toString())) {
      SandboxInfo record = client.get(id).join();
      assertThat(record.state(), is(SandboxState.FAILED));
      assertThat(record.stateReason(), containsString("stopped"));
      assertThat(client.get(deleted).join().state(), is(SandboxState.TERMINATED));
      assertThat(listed(client, ShowTerminated.NO), is(empty()));
      assertThat(listed(client, ShowTerminated.YES), containsInAnyOrder(id, deleted));
      assertThat("the request still means it", client.create(spec(), request).join().id(), is(id));
      String another = running(client, RequestId.mint());
      assertThat(listed(client, ShowTerminated.NO), contains(another));
    }
  }

  private SandboxSpec spec() {
    return SandboxSpec.builder()
        .image(TestEngine.BUSYBOX)
        .tags(List.of(run))
        .maxLifetime(Duration.ofMinutes(5))
        .build();
  }

  private String running(SandboxService client, RequestId request) {
    String id = client.create(spec(), request).join().id();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> client.get(id).join().state() == SandboxState.RUNNING);
    return id;
  }

  private List<String> listed(SandboxService service, ShowTerminated ended) {
    List<String> ids = new ArrayList<>();
    ListRequest request = ListRequest.tagged(List.of(run)).withShowTerminated(ended);
    for (Optional<ListRequest> next = Optional.of(request); next.isPresent(); ) {
      SandboxPage page = service.list(next.get()).join();
      page.sandboxes().forEach(info -> ids.add(info.id()));
      next = page.nextPageToken().map(request::withPageToken);
    }
    return ids;
  }
}
