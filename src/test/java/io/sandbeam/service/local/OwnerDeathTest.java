package io.sandbeam.service.local;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several JVMs on one state directory, and what becomes of one's sandboxes when it dies. */
class OwnerDeathTest {
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);
  private static final Duration MINUTES = Duration.ofMinutes(5);

  private LocalFixture local;

  @BeforeEach
  void open() {
    local = new LocalFixture();
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private List<String> listed() {
    return LocalFixture.get(local.service().list(ListRequest.tagged(Tag.setOf("child-owner"))))
        .sandboxes()
        .stream()
        .map(SandboxInfo::id)
        .toList();
  }

  /** Other processes' groups come and go meanwhile. */
  private static List<Path> cgroupsOf(String name) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        Path.of("/sys/fs/cgroup"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path group, BasicFileAttributes attributes) {
            if (group.getFileName().toString().contains(name)) {
              found.add(group);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path group, IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  @Test
  void givenOwnerWithSandboxes_whenKilled_thenNothingIsAliveAndTheNextOpenRemovesAll()
      throws IOException, InterruptedException {
    ChildOwner child = ChildOwner.start(local.state, 6, MINUTES);
    List<Path> owners = local.owners();
    assertThat(owners, hasSize(1));
    for (String id : child.ids) {
      assertThat(LocalFixture.processesMentioning(id), is(not(List.of())));
    }

    child.signal("KILL");

    child.process.waitFor();
    for (String id : child.ids) {
      LocalFixture.awaitNoProcessMentions(id, FIVE_SECONDS);
    }
    LocalFixture.awaitNoProcessMentions(local.state.getFileName().toString(), FIVE_SECONDS);
    String owner = owners.get(0).getFileName().toString();
    local.service();
    assertThat(local.owners(), not(contains(owners.get(0))));
    assertThat(cgroupsOf(owner), is(List.of()));
    assertThat(listed(), is(List.of()));
  }

  @Test
  void givenOwnersKilledAtAnyMomentOfTheirStart_thenNothingIsLeft() throws Exception {
    Random moments = new Random(7);
    for (int i = 0; i < 8; i++) {
      Process child = ChildOwner.process(local.state, 20, MINUTES);
      child.waitFor(200 + moments.nextInt(1200), TimeUnit.MILLISECONDS);
      child.destroyForcibly().waitFor();
    }

    LocalFixture.awaitNoProcessMentions(local.state.getFileName().toString(), FIVE_SECONDS);
    assertThat(listed(), is(List.of()));
    assertThat(local.owners(), hasSize(1));
  }

  @Test
  void givenDeadOwnerWhoseStateWasRemoved_whenTheNextOpens_thenItsCgroupsAreGoneAllTheSame()
      throws IOException, InterruptedException {
    ChildOwner child = ChildOwner.start(local.state, 1, MINUTES);
    String owner = local.owners().get(0).getFileName().toString();
    child.signal("KILL");
    child.process.waitFor();
    LocalFixture.awaitNoProcessMentions(child.ids.get(0), FIVE_SECONDS);
    TreeDeleter.delete(local.state.resolve("owners").resolve(owner));

    local.service();

    assertThat(cgroupsOf(owner), is(List.of()));
  }

  @Test
  void givenStoppedOwner_whenTheLifetimeIsOver_thenItsSandboxesEndAllTheSame()
      throws IOException, InterruptedException {
    try (ChildOwner child = ChildOwner.start(local.state, 2, Duration.ofSeconds(4))) {
      child.signal("STOP");

      for (String id : child.ids) {
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> HostProcess.withArguments(words -> BwrapCommand.belongsTo(words, Set.of(id))),
                is(List.of()));
      }
    }
  }

  @Test
  void givenLivingOwner_thenAnotherProcessListsReadsAndDeletesItsSandboxes() throws IOException {
    try (ChildOwner child = ChildOwner.start(local.state, 2, MINUTES)) {
      assertThat(listed(), containsInAnyOrder(child.ids.toArray()));
      String first = child.ids.get(0);
      assertThat(local.info(first).state(), is(SandboxState.RUNNING));

      LocalFixture.get(local.service().delete(DeleteRequest.of(first)));

      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> local.info(first).state(), is(SandboxState.TERMINATED));
      LocalFixture.awaitNoProcessMentions(first, FIVE_SECONDS);
      assertThat(listed(), contains(child.ids.get(1)));
      assertThat(
          LocalFixture.get(local.service().purge(PurgeRequest.tagged(Tag.setOf("child-owner"))))
              .purgeCount(),
          is(1));
      await().atMost(Duration.ofSeconds(10)).until(this::listed, is(List.of()));
    }
  }

  @Test
  void givenLivingOwner_whenAnotherDeletesWithGrace_thenStubbornCommandsAreKilledAfterIt()
      throws IOException {
    try (ChildOwner child = ChildOwner.start(local.state, 1, MINUTES)) {
      long start = System.nanoTime();

      LocalFixture.get(
          local
              .service()
              .delete(DeleteRequest.of(child.ids.get(0)).withGrace(Duration.ofSeconds(1))));

      LocalFixture.awaitNoProcessMentions(child.ids.get(0), Duration.ofSeconds(10));
      assertThat(System.nanoTime() - start, is(greaterThan(900_000_000L)));
    }
  }

  @Test
  void givenRecords_thenNoValueOfAVariableIsOnDisk() throws IOException {
    try (ChildOwner child = ChildOwner.start(local.state, 1, MINUTES);
        Stream<Path> files = Files.walk(local.state)) {
      for (Path file : files.filter(path -> path.endsWith("record.json")).toList()) {
        assertThat(
            Files.readString(file, StandardCharsets.UTF_8).contains("not for the disk"), is(false));
      }
      assertThat(local.info(child.ids.get(0)).spec().env().keySet(), is(Set.of("SECRET")));
    }
  }

  @Test
  void givenRecordWhosePidIsAnotherProcessNow_whenSwept_thenThatProcessLives() throws Exception {
    Process bystander = new ProcessBuilder("sleep", "60").start();
    try {
      HostProcess now = HostProcess.of(bystander.pid()).orElseThrow();
      HostProcess before = new HostProcess(now.pid(), now.startTicks() - 1);

      before.kill();
      before.terminate();

      assertThat(before.isAlive(), is(false));
      assertThat(bystander.waitFor(300, TimeUnit.MILLISECONDS), is(false));
      assertThat(now.isAlive(), is(true));
    } finally {
      bystander.destroyForcibly();
    }
  }
}
