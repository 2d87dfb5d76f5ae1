package io.sandbeam.service.http;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An input or a file above what one call may carry arrives whole, and leaves nothing else. */
class LargeInputTest {

  @Test
  void givenAServerThatKnowsOnlyWhatIsPublished_thenEveryByteArrives() throws Exception {
    try (ForeignServer server = new ForeignServer(SandboxServices.open("local"))) {
      feed(server.url());
    }
  }

  @Test
  void givenAServerOfOurs_thenEveryByteArrives() throws Exception {
    try (SandboxService local = SandboxServices.open("local");
        SandbeamServer server = SandbeamServer.builder(local).bind("127.0.0.1", 0).start()) {
      feed(server.uri().toString());
    }
  }

  private static void feed(String url) throws Exception {
    byte[] input = new byte[SandboxService.MAX_FILE_BYTES + 12_345];
    new Random(42).nextBytes(input);
    String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(input));
    try (SandboxService client = SandboxServices.open(url)) {
      String id =
          client
              .create(SandboxSpec.builder().tags("large-input").build(), RequestId.mint())
              .join()
              .id();
      await().until(() -> client.get(id).join().state() == SandboxState.RUNNING);

      ExecResult result =
          client
              .exec(
                  id,
                  ExecRequest.builder("sh", "-c", "sha256sum; ls -A /tmp | grep -c sandbeam")
                      .stdin(input)
                      .build())
              .join();

      assertThat(result.stdoutUtf8(), is(sum + "  -\n0\n"));

      Sandbox sandbox = Sandbox.fromId(client, id);
      sandbox.writeFile("/workspace/large", input).join();
      assertThat(
          sandbox.exec("sha256sum", "/workspace/large").join().stdoutUtf8(),
          is(sum + "  /workspace/large\n"));
      assertThat(Arrays.equals(sandbox.readFile("/workspace/large").join(), input), is(true));
      client.delete(DeleteRequest.of(id)).join();
    }
  }
}
