package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class SnapshotContract extends ServiceContract {
  private static final byte[] CONTENT = {0, 10, 13, -1, 27, 127};

  SnapshotContract(ControlPlaneContract suite) {
    super(suite);
  }

  @BeforeEach
  void needsSnapshots() {
    assumeTrue(can(Capability.SNAPSHOTS), "the service takes no snapshots");
  }

  private Snapshot take(String id) {
    return kept(join(service.createSnapshot(SnapshotRequest.of(id))));
  }

  private Snapshot ready(Snapshot snapshot) {
    return eventually()
        .until(
            () -> join(service.getSnapshot(snapshot.id())),
            now -> now.state() == Snapshot.State.READY);
  }

  private List<String> walk(ListSnapshotsRequest first) {
    List<String> ids = new ArrayList<>();
    Optional<String> token = Optional.empty();
    do {
      SnapshotPage page =
          join(service.listSnapshots(token.map(first::withPageToken).orElse(first)));
      page.snapshots().forEach(snapshot -> ids.add(snapshot.id()));
      token = page.nextPageToken();
    } while (token.isPresent() && ids.size() < 1000);
    return ids;
  }

  private SandboxSnapshotException.Reason reason(java.util.concurrent.CompletableFuture<?> call) {
    return failure(SandboxSnapshotException.class, call).reason();
  }

  @Test
  void givenRunningSandbox_whenSnapshotIsTaken_thenItBecomesReadyAndSaysWhatItIs() {
    String id = running();
    join(service.writeFile(id, "/workspace/file", CONTENT));

    Snapshot snapshot = ready(take(id));

    assertThat(snapshot.sourceSandboxId(), is(id));
    assertThat(snapshot.sourceVolume(), is(SandboxSpec.SCRATCH_VOLUME));
    assertThat(snapshot.trigger(), is(Snapshot.Trigger.MANUAL));
    assertThat(snapshot.sizeBytes(), is(greaterThan(0L)));
    assertThat(snapshot.completeTime().isPresent(), is(true));
    assertThat(get(id).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenSnapshot_whenRestored_thenTheNewSandboxHasTheFilesAsTheyWereThen() {
    String id = running();
    join(service.writeFile(id, "/workspace/deep/in/side.bin", CONTENT));
    join(service.writeFile(id, "/workspace/name with spaces\nand lines", CONTENT));
    Snapshot snapshot = ready(take(id));
    join(service.writeFile(id, "/workspace/deep/in/side.bin", utf8("changed")));

    String restored = running(spec().restoreFrom(snapshot.id()).build());

    assertThat(join(service.readFile(restored, "/workspace/deep/in/side.bin")), is(CONTENT));
    assertThat(
        join(service.readFile(restored, "/workspace/name with spaces\nand lines")), is(CONTENT));
    assertThat(join(service.readFile(id, "/workspace/deep/in/side.bin")), is(utf8("changed")));
  }

  @Test
  void givenSnapshot_whenItsSourceIsDeleted_thenItCanStillBeRestored() {
    String id = running();
    join(service.writeFile(id, "/workspace/file", CONTENT));
    Snapshot snapshot = ready(take(id));
    deleteAndAwait(id);

    String restored = running(spec().restoreFrom(snapshot.id()).build());

    assertThat(join(service.readFile(restored, "/workspace/file")), is(CONTENT));
  }

  @Test
  void givenRestoredSandbox_whenTheSnapshotIsDeleted_thenItLivesOn() {
    Snapshot snapshot = ready(take(running()));
    String restored = running(spec().restoreFrom(snapshot.id()).build());

    join(service.deleteSnapshot(snapshot.id(), MissingOk.NO));

    assertThat(get(restored).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenRequestId_whenAskedAgain_thenSameSnapshot() {
    String id = running();
    SnapshotRequest request = SnapshotRequest.of(id);

    Snapshot first = kept(join(service.createSnapshot(request)));
    Snapshot second = kept(join(service.createSnapshot(request)));

    assertThat(second.id(), is(first.id()));
    assertThat(walk(ListSnapshotsRequest.of(id)), contains(first.id()));
  }

  @Test
  void givenSnapshots_whenListedBySource_thenThoseOfThatSandboxOnly() {
    String one = running();
    String other = running();
    String first = take(one).id();
    String second = take(one).id();
    String third = take(other).id();

    assertThat(walk(ListSnapshotsRequest.of(one)), containsInAnyOrder(first, second));
    assertThat(
        walk(ListSnapshotsRequest.of(one).withPageSize(1)), containsInAnyOrder(first, second));
    assertThat(walk(ListSnapshotsRequest.of(other)), contains(third));
  }

  @Test
  void givenUnknownSnapshot_whenRead_thenNotFound() {
    assertThat(
        reason(service.getSnapshot(UUID.randomUUID().toString())),
        is(SandboxSnapshotException.Reason.NOT_FOUND));
  }

  @Test
  void givenSnapshot_whenDeleted_thenNotFoundAfterwards() {
    Snapshot snapshot = ready(take(running()));

    Snapshot last = join(service.deleteSnapshot(snapshot.id(), MissingOk.NO));

    assertThat(last.id(), is(snapshot.id()));
    eventually()
        .untilAsserted(
            () ->
                assertThat(
                    reason(service.getSnapshot(snapshot.id())),
                    is(SandboxSnapshotException.Reason.NOT_FOUND)));
  }

  @Test
  void givenUnknownSnapshot_whenDeleted_thenNotFoundUnlessMissingIsOk() {
    String unknown = UUID.randomUUID().toString();

    assertThat(
        reason(service.deleteSnapshot(unknown, MissingOk.NO)),
        is(SandboxSnapshotException.Reason.NOT_FOUND));
    assertThat(join(service.deleteSnapshot(unknown, MissingOk.YES)), is(nullValue()));
  }

  @Test
  void givenUnknownSnapshot_whenRestored_thenRefusedAndNoSandboxIsMade() {
    SandboxSpec spec = spec().restoreFrom(UUID.randomUUID().toString()).build();

    assertThat(
        reason(createAsync(spec, RequestId.mint())), is(SandboxSnapshotException.Reason.NOT_FOUND));
    assertThat(idsOf(service, run), is(Set.of()));
  }

  @Test
  void givenOtherVolume_whenSnapshotIsTaken_thenRefused() {
    String id = running();

    failure(
        SandboxValidationException.class,
        service.createSnapshot(new SnapshotRequest(id, "other", RequestId.mint())));
  }

  @Test
  void givenEndedSandbox_whenSnapshotIsTaken_thenItIsNotRunning() {
    String id = running();
    deleteAndAwait(id);

    ended(service.createSnapshot(SnapshotRequest.of(id)));
  }

  @Test
  void givenSnapshotOnDelete_whenDeleted_thenItHoldsTheLastFilesAndCanBeRestored() {
    String id = running();
    join(service.writeFile(id, "/workspace/file", CONTENT));
    DeleteRequest request =
        DeleteRequest.of(id)
            .withGrace(Duration.ofSeconds(30))
            .withSnapshotOf(List.of(SandboxSpec.SCRATCH_VOLUME), RequestId.mint());

    DeleteResult result = join(service.delete(request));

    assertThat(result.snapshotIds(), hasSize(1));
    awaitTerminal(id);
    Snapshot snapshot = ready(kept(join(service.getSnapshot(result.snapshotIds().get(0)))));
    assertThat(snapshot.trigger(), is(Snapshot.Trigger.ON_DELETE));
    String restored = running(spec().restoreFrom(snapshot.id()).build());
    assertThat(join(service.readFile(restored, "/workspace/file")), is(CONTENT));
  }

  @Test
  void givenSnapshotOnDelete_whenRepeatedWithTheSameRequestId_thenSameReceipt() {
    String id = running();
    DeleteRequest request =
        DeleteRequest.of(id)
            .withGrace(Duration.ofSeconds(30))
            .withSnapshotOf(List.of(SandboxSpec.SCRATCH_VOLUME), RequestId.mint());

    List<String> first = join(service.delete(request)).snapshotIds();
    awaitTerminal(id);
    List<String> second = join(service.delete(request)).snapshotIds();

    first.forEach(snapshot -> kept(join(service.getSnapshot(snapshot))));
    assertThat(second, is(first));
    assertThat(walk(ListSnapshotsRequest.of(id)), is(first));
  }

  @Test
  void givenOtherVolumeOnDelete_whenDeleted_thenRefusedAndItRunsOn() {
    String id = running();

    failure(
        SandboxValidationException.class,
        service.delete(DeleteRequest.of(id).withSnapshotOf(List.of("other"), RequestId.mint())));

    assertThat(get(id).state(), is(SandboxState.RUNNING));
  }
}
