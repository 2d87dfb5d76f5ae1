package io.sandbeam.docs;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.docs.Checkout.Ended;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The pipelines, unchanged, on a {@code sandbeam serve} of this machine. */
class ServedPipelinesTest extends PipelinesContract {
  @TempDir static Path serverFolder;
  private static Checkout serverCheckout;
  private static Server server;

  @BeforeAll
  static void serve() throws Exception {
    serverCheckout = Checkout.in(serverFolder);
    server = serverCheckout.serve("./scripts/sandbeam serve --port=0 --state=serve");
  }

  @AfterAll
  static void theServerEndsAndNothingIsLeft() throws Exception {
    Ended ended = server.stop();
    assertThat(ended.err(), ended.status(), is(143));
    Ended list = serverCheckout.shell("./scripts/sandbeam list --format=json");
    assertThat(list.err(), list.status(), is(0));
    assertThat("sandboxes left", list.out(), is(""));
  }

  @Override
  String service() {
    return " --service=" + server.address();
  }
}
