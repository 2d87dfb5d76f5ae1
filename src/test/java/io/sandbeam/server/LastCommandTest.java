package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the page tells of the last command, sent by the real client. */
class LastCommandTest {
  private TestServer server;
  private SandboxService client;
  private String id;

  @BeforeEach
  void start() {
    server = TestServer.open();
    client = SandboxServices.open(server.uri("").toString());
    SandboxSpec spec = SandboxSpec.builder().image("python:3.11").tags("a").build();
    id = client.create(spec, RequestId.mint()).join().id();
  }

  @AfterEach
  void nothingIsLeft() {
    client.close();
    server.close();
  }

  @Test
  void givenACommandOfOurClient_thenItsProgramIsShownAndNotTheWrappersShell() {
    exec(ExecRequest.builder("/usr/bin/python3", "-c", "secret").cwd("/workspace"));

    assertThat(page(), containsString("<code>python3</code>"));
    assertThat(page(), not(containsString("<code>sh</code>")));
    assertThat(page(), not(containsString("secret")));
  }

  @Test
  void givenACommandWithInput_thenItsProgramIsShown() {
    exec(ExecRequest.builder("wc", "-c").stdin("input".getBytes(StandardCharsets.UTF_8)));

    assertThat(page(), containsString("<code>wc</code>"));
  }

  @Test
  void givenAShellOfTheCallersOwn_thenItIsShownAsWhatItIs() {
    server
        .post(
            "/v1/sandboxes/" + id + ":exec",
            "{\"command\": [\"/bin/sh\", \"-c\", \"exit\", \"sandbeam\", \"a\", \"b\", \"c\", \"d\","
                + " \"e\", \"secret\"]}")
        .expect(200);

    assertThat(page(), containsString("<code>sh</code>"));
    assertThat(page(), not(containsString("secret")));
  }

  private void exec(ExecRequest.Builder request) {
    client.exec(id, request.build()).join();
  }

  private String page() {
    return server.get("/page/sandboxes").expect(200).body();
  }
}
