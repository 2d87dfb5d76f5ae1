package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSnapshotException.Reason;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where something else fails first: nothing is left, nothing hangs, and the reason is told. */
class OddPathsTest {
  /** Linux gives no pid above 2^22. */
  private static final String DEAD = "99999999-1-";

  private LocalFixture local;

  @BeforeEach
  void open() {
    local = new LocalFixture();
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private StateRoot root() {
    return StateRoot.open(Optional.of(local.state), Identity.current());
  }

  private static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  @Test
  void givenDeadOwners_whenManyThreadsSweepAtOnce_thenEachSucceedsAndNothingIsLeft()
      throws IOException {
    StateRoot root = root();
    for (int round = 0; round < 20; round++) {
      Path dead = Files.createDirectory(root.owners().resolve(DEAD + SandboxId.random()));
      Files.write(dead.resolve("lock"), new byte[0], StandardOpenOption.CREATE_NEW);
      for (int i = 0; i < 50; i++) {
        Files.createDirectories(dead.resolve("sandboxes").resolve("sb-" + i));
      }

      List<CompletableFuture<List<String>>> sweeps =
          IntStream.range(0, 4)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> {
                            try {
                              return new OtherOwners(root, "none").sweepDead();
                            } catch (IOException e) {
                              throw new IllegalStateException(e);
                            }
                          }))
              .toList();

      sweeps.forEach(LocalFixture::get);
      assertThat(in(root.owners()), is(List.of()));
    }
  }

  @Test
  void givenAPipeThatCannotBeMoved_thenItIsClosedAndGone() throws IOException {
    Path directory = Files.createDirectory(local.state.resolve("pipes"));
    try (FifoPool pool = new FifoPool(directory)) {
      pool.take(directory.resolve("first")).close();
      int ready = in(directory).size();

      assertThrows(IOException.class, () -> pool.take(Path.of("/no/such/place")));

      assertThat(in(directory), hasSize(ready - 1));
    }
    assertThat(in(directory), is(List.of()));
  }

  @Test
  void givenASnapshotThatCannotBeWritten_thenItFailsAndIsNotCreatingForEver() throws Exception {
    StateRoot root = root();
    OwnerDirectory owner = OwnerDirectory.create(root, Identity.current());
    try {
      SnapshotStore full =
          new SnapshotStore(root.snapshots()) {
            @Override
            Path archive(String id) {
              return Path.of("/no/such/place");
            }
          };
      LocalContext context =
          new LocalContext(
              LocalSettings.of(local.config()),
              null,
              owner,
              null,
              null,
              null,
              null,
              full,
              null,
              null,
              Runnable::run,
              "host");
      Snapshots snapshots = new Snapshots(context);

      Snapshots.Taken taken =
          snapshots.take(
              unstarted(context),
              new SnapshotRequest("sb", SandboxSpec.SCRATCH_VOLUME, RequestId.mint()),
              Snapshot.Trigger.MANUAL);

      assertThat(taken.completed().join().state(), is(Snapshot.State.FAILED));
      assertThat(snapshots.get(taken.snapshot().id()).state(), is(Snapshot.State.FAILED));
    } finally {
      owner.close();
    }
  }

  private static LocalSandbox unstarted(LocalContext context) {
    Limits limits =
        Limits.of(
            Resources.DEFAULT, context.settings(), Cgroups.none(new Shortfall("a test", "none")));
    return new LocalSandbox(
        SandboxId.mint(Instant.now()),
        LocalFixture.spec().build(),
        null,
        limits,
        context,
        Instant.now(),
        sandbox -> CompletableFuture.completedFuture(null));
  }

  @Test
  void givenASnapshotWhoseTakerDied_thenItHasFailedAndItsArchiveIsGone() throws IOException {
    root();
    SnapshotStore store = new SnapshotStore(local.state.resolve("snapshots"));
    String id = SandboxId.mintSnapshot(Instant.now());
    store.write(
        new Snapshot(
            id,
            Snapshot.State.CREATING,
            "",
            0,
            SandboxId.mint(Instant.now()),
            "workspace",
            Snapshot.Trigger.MANUAL,
            Instant.now(),
            Optional.empty()));
    Files.write(store.archive(id), new byte[1000]);
    Path record = local.state.resolve("snapshots").resolve(id + ".json");
    Files.writeString(
        record,
        Files.readString(record).replaceFirst("\"takerPid\":[0-9]+", "\"takerPid\":99999999"));

    Snapshot found = LocalFixture.get(local.service().getSnapshot(id));

    assertThat(found.state(), is(Snapshot.State.FAILED));
    assertThat(Files.exists(store.archive(id)), is(false));
    assertThat(
        assertThrows(
                SandboxSnapshotException.class,
                () -> local.create(LocalFixture.spec().restoreFrom(id).build()))
            .reason(),
        is(Reason.NOT_READY));
  }

  @Test
  void givenPartsThatCannotBeClosed_thenTheOthersAreAllTheSame() {
    List<String> closed = new ArrayList<>();
    Belongings belongings = new Belongings();
    belongings.add("first", () -> closed.add("first"));
    belongings.add(
        "second",
        () -> {
          throw new IOException("full");
        });
    belongings.add("third", () -> closed.add("third"));

    IOException failure = assertThrows(IOException.class, belongings::close);

    assertThat(failure.getMessage(), is("second: full"));
    assertThat(closed, is(List.of("third", "first")));
  }
}
