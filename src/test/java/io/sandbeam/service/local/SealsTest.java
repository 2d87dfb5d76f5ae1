package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.in;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A job's end is known to all owners of the machine, now and later. */
class SealsTest {
  private static final Tag JOB = Tag.job("over");
  private LocalFixture local;

  @BeforeEach
  void open() {
    local = new LocalFixture();
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private static SandboxSpec of(Tag job) {
    return LocalFixture.spec().tags(Set.of(job)).build();
  }

  @Test
  void givenASealerThatIsGone_thenLaterOwnersAreRefused() {
    try (SandboxService sealer = local.open()) {
      LocalFixture.get(sealer.seal(JOB));
    }

    assertThat(LocalFixture.get(local.service().sealOf(JOB)), is(Seal.SEALED));
    assertThrows(SandboxSealedException.class, () -> local.create(of(JOB)));
  }

  @Test
  void givenASealOlderThanItsRetention_thenTheNextStartRemovesItUnlessItWasSealedAgain()
      throws IOException {
    Tag again = Tag.job("again");
    Path seals = local.state.resolve("seals");
    for (Tag job : List.of(JOB, again)) {
      LocalFixture.get(local.service().seal(job));
      Files.setLastModifiedTime(
          seals.resolve(job.value()),
          FileTime.from(Instant.now().minus(SandboxService.SEAL_RETENTION).minusSeconds(1)));
    }
    LocalFixture.get(local.service().seal(again));

    local.open().close();

    assertThat(LocalFixture.get(local.service().sealOf(JOB)), is(Seal.OPEN));
    assertThat(LocalFixture.get(local.service().sealOf(again)), is(Seal.SEALED));
  }

  @Test
  void givenCreatesInOneProcessAndASealInAnother_thenWhatTheNextListShowsIsAllThereWillBe() {
    try (SandboxService sweeper = local.open()) {
      int refused = 0;
      for (int round = 0; round < 15; round++) {
        Tag job = Tag.job("round-" + round);
        List<CompletableFuture<SandboxInfo>> creates = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          creates.add(local.service().create(of(job), RequestId.mint()));
        }
        LocalFixture.get(sweeper.seal(job));
        List<String> known = ids(sweeper, job);
        List<String> made = new ArrayList<>();
        for (CompletableFuture<SandboxInfo> create : creates) {
          try {
            made.add(LocalFixture.get(create).id());
          } catch (SandboxSealedException e) {
            refused++;
          }
        }
        assertThat("round " + round, made, everyItem(in(known)));
        for (String id : made) {
          LocalFixture.get(local.service().delete(DeleteRequest.of(id)));
        }
        assertThat("refused ones are no more", ids(sweeper, job), is(List.of()));
      }
      assertThat("some creates were cut off midway", refused > 0, is(true));
    }
  }

  private static List<String> ids(SandboxService service, Tag job) {
    return LocalFixture.get(service.list(ListRequest.tagged(Set.of(job)))).sandboxes().stream()
        .map(SandboxInfo::id)
        .toList();
  }
}
