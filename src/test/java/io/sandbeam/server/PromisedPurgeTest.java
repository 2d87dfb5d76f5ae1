package io.sandbeam.server;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.testing.FaultySandboxService;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Purges of sandboxes that were promised: made by now, and the service has not answered the create.
 */
class PromisedPurgeTest {
  private static final String TAGS = "{\"tags\": [\"batch-42\"]";
  private final FaultySandboxService service =
      // No list tells the server of them before its purge.
      FaultySandboxService.inMemory().idsByRequest().listLag(Duration.ofHours(1));
  private final LateCreates creates = new LateCreates(service.client());
  private TestServer server;
  private String id;

  @BeforeEach
  void promise() {
    server = TestServer.open(service, creates, b -> b);
    id = server.post("/v1/sandboxes?requestId=r", TestServer.CREATE).expect(200).id();
    assertThat(state(), is("STATE_CREATING"));
  }

  @AfterEach
  void nothingIsLeft() {
    creates.answer();
    server.close();
    service.close();
  }

  private String state() {
    return server.get("/v1/sandboxes/" + id).expect(200).json().at("/status/state").asText();
  }

  private int purged(String body) {
    return server.post("/v1/sandboxes:purge", body).expect(200).json().path("purgeCount").asInt();
  }

  @Test
  void givenOneThatIsMadeByNow_thenItCountsOnceAndIsEnded() {
    creates.carryOut();
    assertThat(service.live().size(), is(1));

    assertThat(purged(TAGS + ", \"dryRun\": true}"), is(1));
    assertThat(purged(TAGS + "}"), is(1));

    assertThat(service.live().size(), is(0));
    assertThat(purged(TAGS + "}"), is(0));
    creates.answer();
    await().until(() -> state().equals("STATE_TERMINATED"));
  }

  @Test
  void givenOneThatIsOverByNow_thenItDoesNotCount() {
    creates.carryOut();
    service.exit(id, 3);

    assertThat(purged(TAGS + ", \"dryRun\": true}"), is(0));
    assertThat(purged(TAGS + "}"), is(0));
    assertThat(state(), is("STATE_FAILED"));
  }

  @Test
  void givenOneThatIsNotMade_thenItCountsAndIsEndedWhenItIs() {
    assertThat(purged(TAGS + ", \"dryRun\": true}"), is(1));
    assertThat(purged(TAGS + "}"), is(1));

    creates.carryOut();
    creates.answer();
    await().until(() -> service.created() == 1 && service.live().isEmpty());
  }
}
