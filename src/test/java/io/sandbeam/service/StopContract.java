package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How the processes of a sandbox learn of its end. */
abstract class StopContract extends ServiceContract {
  private static final String LOOP = "touch /workspace/ready; while :; do sleep 0.1; done";

  StopContract(ControlPlaneContract suite) {
    super(suite);
  }

  /** A sandbox whose main process has set its traps. */
  private String runningMain(String script) {
    String id = running(spec().command(List.of("sh", "-c", script)).build());
    eventually().until(() -> sh(id, "test -e /workspace/ready").exitCode(), is(0));
    return id;
  }

  private Duration stop(String id, Duration grace) {
    long start = System.nanoTime();
    join(service.delete(DeleteRequest.of(id).withGrace(grace)));
    awaitTerminal(id);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void givenMainProcessThatHandlesTerm_whenDeleted_thenItsHandlerRunsAndTheGraceIsNotUsedUp() {
    String id = runningMain("trap 'sleep 1; exit 7' TERM; " + LOOP);

    Duration took = stop(id, Duration.ofSeconds(45));

    assertThat(took.toMillis(), is(greaterThanOrEqualTo(950L)));
    assertThat(took.toSeconds(), is(lessThan(30L)));
    assertThat(get(id).exitCode(), anyOf(is(OptionalInt.empty()), is(OptionalInt.of(7))));
  }

  @Test
  void givenMainProcessThatIgnoresTerm_whenDeleted_thenItIsKilledAfterTheGrace() {
    String id = runningMain("trap '' TERM; " + LOOP);

    Duration took = stop(id, Duration.ofSeconds(2));

    assertThat(took.toMillis(), is(greaterThanOrEqualTo(1_950L)));
    assertThat(took.toSeconds(), is(lessThan(30L)));
  }

  @Test
  void givenMainProcessThatIgnoresTerm_whenDeletedWithoutGrace_thenItIsKilledAtOnce() {
    String id = runningMain("trap '' TERM; " + LOOP);

    assertThat(stop(id, Duration.ZERO).toSeconds(), is(lessThan(20L)));
  }

  @Test
  void givenSandboxInItsGrace_whenDeletedAgainWithoutGrace_thenItIsKilledAtOnce() {
    String id = runningMain("trap '' TERM; " + LOOP);
    join(service.delete(DeleteRequest.of(id).withGrace(Duration.ofMinutes(2))));

    assertThat(stop(id, Duration.ZERO).toSeconds(), is(lessThan(30L)));
  }

  @Test
  void givenSandboxInItsGrace_whenRead_thenItIsTerminatingAndStillListed() {
    String id = runningMain("trap '' TERM; " + LOOP);
    join(service.delete(DeleteRequest.of(id).withGrace(Duration.ofSeconds(20))));

    assertThat(get(id).state(), is(SandboxState.TERMINATING));
    assertThat(idsOf(service, run).contains(id), is(true));
    stop(id, Duration.ZERO);
  }

  @Test
  void givenRunningCommand_whenTheSandboxIsDeleted_thenTheCommandFailsAsNotRunningPromptly() {
    String id = running();
    CompletableFuture<ExecResult> command =
        service.exec(id, shell("touch started; sleep 300").build());
    eventually().until(() -> sh(id, "test -e started").exitCode(), is(0));

    delete(id);

    assertThat(timeTo(command).toSeconds(), is(lessThan(20L)));
    assertThat(failure(SandboxNotRunningException.class, command).retryable(), is(true));
  }

  @Test
  void givenRunningCommand_whenTheLifetimeIsOver_thenTheCommandFailsAsNotRunning() {
    String id = running(spec().maxLifetime(Duration.ofSeconds(3)).build());

    CompletableFuture<ExecResult> command =
        service.exec(id, shell("trap '' TERM; sleep 300; sleep 300").build());

    failure(SandboxNotRunningException.class, command);
    assertThat(awaitTerminal(id).state(), is(SandboxState.FAILED));
  }

  @Test
  void givenProcessesThatBrokeAway_whenTheSandboxIsDeleted_thenDeletingIsNotHeldUp() {
    String id = running();
    sh(id, "trap '' TERM HUP; for i in 1 2 3; do sleep 300 & done; (sleep 301 &) ");

    assertThat(stop(id, Duration.ZERO).toSeconds(), is(lessThan(20L)));
  }
}
