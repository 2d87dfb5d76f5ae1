package io.sandbeam.service.http;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

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
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An input above what one call may carry arrives whole, and leaves nothing in the sandbox. */
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
      client.delete(DeleteRequest.of(id)).join();
    }
  }
}
