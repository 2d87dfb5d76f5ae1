package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

abstract class DeleteContract extends ServiceContract {
  DeleteContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenRunningSandbox_whenDeleted_thenTerminalAndOffTheList() {
    String id = running();

    DeleteResult result = delete(id);

    assertThat(result.sandbox().orElseThrow().id(), is(id));
    assertThat(result.snapshotIds(), is(List.of()));
    awaitTerminal(id);
    eventually().until(() -> idsOf(service, run), is(Set.of()));
  }

  @Test
  void givenSandboxThatJustStarts_whenDeletedAtOnce_thenTerminal() {
    String id = create(spec().build()).id();

    deleteAndAwait(id);

    ended(service.exec(id, ExecRequest.of("true")));
  }

  @Test
  void givenDeletedSandbox_whenDeletedAgain_thenItsRecordUnchanged() {
    String id = running();
    SandboxInfo first = deleteAndAwait(id);

    DeleteResult again = delete(id);

    assertThat(again.sandbox(), is(Optional.of(first)));
    assertThat(get(id), is(first));
  }

  @Test
  void givenDeletedSandbox_whenDeletedAgainWithMissingOk_thenSuccess() {
    String id = running();
    deleteAndAwait(id);

    DeleteResult again = join(service.delete(DeleteRequest.of(id).withMissingOk(MissingOk.YES)));

    again.sandbox().ifPresent(info -> assertThat(info.isTerminal(), is(true)));
  }

  @Test
  void givenUnknownId_whenDeleted_thenNotFound() {
    failure(
        SandboxNotFoundException.class,
        service.delete(DeleteRequest.of(UUID.randomUUID().toString())));
  }

  @Test
  void givenUnknownId_whenDeletedWithMissingOk_thenAnswerWithoutSandbox() {
    DeleteRequest request =
        DeleteRequest.of(UUID.randomUUID().toString()).withMissingOk(MissingOk.YES);

    assertThat(join(service.delete(request)), is(new DeleteResult(Optional.empty(), List.of())));
  }

  @Test
  void givenTwoSandboxes_whenOneIsDeleted_thenTheOtherRunsOn() {
    String one = running();
    String other = running();

    deleteAndAwait(one);

    assertThat(get(other).state(), is(SandboxState.RUNNING));
    assertThat(idsOf(service, run), contains(other));
  }

  @Test
  void givenAnotherClient_whenItDeletes_thenTheCreatorSeesTheEnd() {
    String id = running();

    join(anotherClient().delete(DeleteRequest.of(id)));

    awaitTerminal(id);
    ended(service.exec(id, ExecRequest.of("true")));
  }

  @Test
  void givenIdleSandbox_whenDeletedWithLongGrace_thenTheGraceIsNotWaitedFor() {
    String id = running();
    long start = System.nanoTime();

    join(service.delete(DeleteRequest.of(id).withGrace(Duration.ofMinutes(2))));

    awaitTerminal(id);
    assertThat(System.nanoTime() - start < Duration.ofSeconds(50).toNanos(), is(true));
  }

  @Test
  void givenDeletedSandbox_whenFilesAreMoved_thenItIsNotRunning() {
    String id = running();
    deleteAndAwait(id);

    ended(service.readFile(id, "/workspace/file"));
    ended(service.writeFile(id, "/workspace/file", new byte[] {1}));
  }
}
