package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.testing.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A caller lists its own snapshots, and does not feel how many others have. */
class SnapshotListTest {
  private static final int OTHERS = 3_000;
  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void startServer() {
    server = TestServer.withTokens(folder.resolve("tokens"), b -> b, "alice", "bob", "root");
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
  }

  private String snapshot(String name, String sandbox) {
    return server
        .call(name, "POST", "/v1/sandboxes/" + sandbox + ":snapshot", "{}")
        .expect(200)
        .json()
        .get("fileSystemSnapshotId")
        .asText();
  }

  /** Walks all pages. */
  private List<String> walk(String name, String query) {
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      JsonNode page =
          server
              .call(name, "GET", "/v1/fileSystemSnapshots?" + query + token, null)
              .expect(200)
              .json();
      page.path("fileSystemSnapshots")
          .forEach(one -> ids.add(one.get("fileSystemSnapshotId").asText()));
      token = page.has("nextPageToken") ? "&pageToken=" + page.get("nextPageToken").asText() : "";
    } while (!token.isEmpty());
    return ids;
  }

  @Test
  void givenThousandsOfOthersSnapshots_whenOnesOwnAreListed_thenNothingIsAskedAboutTheOthers() {
    String others = server.create("alice", "a");
    for (int i = 0; i < OTHERS; i++) {
      server
          .service
          .createSnapshot(new SnapshotRequest(others, SandboxSpec.SCRATCH_VOLUME, RequestId.mint()))
          .join();
    }
    String sandbox = server.create("bob", "a");
    List<String> own =
        List.of(snapshot("bob", sandbox), snapshot("bob", sandbox), snapshot("bob", sandbox));

    List<String> listed = walk("bob", "pageSize=1");

    assertThat(listed, containsInAnyOrder(own.toArray()));
    assertThat(server.service.calls(Operation.LIST_SNAPSHOTS), is(empty()));
    assertThat(walk("root", "pageSize=1000"), hasSize(OTHERS + own.size()));
  }

  @Test
  void givenAFilterAndSnapshotsThatAreGone_thenTheListHoldsWhatIsThereOfThatSandbox() {
    String one = server.create("bob", "a");
    String two = server.create("bob", "a");
    String first = snapshot("bob", one);
    String gone = snapshot("bob", one);
    String second = snapshot("bob", two);
    server.service.deleteSnapshot(gone, MissingOk.NO).join();

    assertThat(walk("bob", "sourceSandboxId=" + one + "&pageSize=1"), is(List.of(first)));
    assertThat(walk("bob", "pageSize=2"), containsInAnyOrder(first, second));
    assertThat(walk("alice", "sourceSandboxId=" + one), is(empty()));
  }

  @Test
  void givenARequestIdOfAnotherSnapshot_thenTheRefusalNamesItAsItsCallerDid() {
    try (TestServer server = TestServer.open()) {
      String first = server.create("", "a");
      String second = server.create("", "b");
      String body = "{\"requestId\": \"snap-1\"}";
      server.post("/v1/sandboxes/" + first + ":snapshot", body).expect(200);

      String taken = server.post("/v1/sandboxes/" + second + ":snapshot", body).expect(409).body();
      assertThat(taken, containsString("'snap-1'"));
      server.delete("/v1/sandboxes/" + first).expect(200);
      server.delete("/v1/sandboxes/" + second).expect(200);
    }
  }

  @Test
  void givenAPageTokenThatNoPageGave_thenInvalidArgument() {
    for (String token : List.of("x", "aTo", "czox", "%7B%7D")) {
      assertThat(
          server
              .call("bob", "GET", "/v1/fileSystemSnapshots?pageToken=" + token, null)
              .expect(400)
              .violation(),
          is("pageToken"));
    }
  }
}
