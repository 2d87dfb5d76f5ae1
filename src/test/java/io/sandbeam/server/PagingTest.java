package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandbeam.testing.FaultySandboxService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A walk through all pages shows each sandbox that was there all the time, once. */
class PagingTest {
  @TempDir Path folder;

  @Test
  void givenSandboxesThatComeAndGo_thenThoseThatStayAreShownOnce() {
    try (TestServer server = TestServer.open()) {
      List<String> stay = new ArrayList<>();
      List<String> go = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        stay.add(server.create("", "walk"));
        go.add(server.create("", "walk"));
      }
      List<String> shown = new ArrayList<>();
      String token = "";
      do {
        JsonNode page =
            server.get("/v1/sandboxes?tags=walk&pageSize=4&pageToken=" + token).expect(200).json();
        page.path("sandboxes").forEach(s -> shown.add(s.get("sandboxId").asText()));
        token = page.path("nextPageToken").asText();
        if (go.size() > 1) {
          server.delete("/v1/sandboxes/" + go.remove(0)).expect(200);
          server.delete("/v1/sandboxes/" + go.remove(go.size() - 1)).expect(200);
          server.create("", "walk");
        }
      } while (!token.isEmpty());
      assertThat(shown, hasItems(stay.toArray(String[]::new)));
      assertThat("none twice", new HashSet<>(shown).size(), is(shown.size()));
    }
  }

  @Test
  void givenRecordsThatOnlyTheLedgerHas_thenAWalkShowsThemAfterTheOthersOnce() {
    Path state = folder.resolve("state");
    List<String> ended = new ArrayList<>();
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.state(state))) {
      for (int i = 0; i < 7; i++) {
        ended.add(server.create("", "walk"));
      }
    }
    FaultySandboxService fresh = FaultySandboxService.inMemory();
    // The ids of the simulation start anew: these must not meet the old ones.
    try (TestServer server = TestServer.open(fresh, b -> b.state(state))) {
      List<String> shown = new ArrayList<>();
      String token = "";
      do {
        JsonNode page =
            server
                .get("/v1/sandboxes?showTerminated=true&pageSize=3&pageToken=" + token)
                .expect(200)
                .json();
        page.path("sandboxes").forEach(s -> shown.add(s.get("sandboxId").asText()));
        token = page.path("nextPageToken").asText();
      } while (!token.isEmpty());
      assertThat(shown, is(ended));
      assertThat(ApiCallsTest.ids(server.get("/v1/sandboxes")).size(), is(0));
      assertThat(
          ApiCallsTest.ids(server.get("/v1/sandboxes?state=STATE_TERMINATED&tags=walk")).size(),
          is(0));
      String first =
          server
              .get("/v1/sandboxes?state=STATE_TERMINATED&tags=walk")
              .json()
              .path("nextPageToken")
              .asText();
      assertThat(
          ApiCallsTest.ids(
                  server.get("/v1/sandboxes?state=STATE_TERMINATED&tags=walk&pageToken=" + first))
              .size(),
          is(7));
    }
  }
}
