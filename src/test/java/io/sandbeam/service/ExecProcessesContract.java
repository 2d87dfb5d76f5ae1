package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A command's processes: their end, what they leave behind, and whom they can see. */
abstract class ExecProcessesContract extends ServiceContract {
  /** Starts a process in a session of its own, where the image can, with no tie to its parent. */
  private static final String ESCAPE =
      "apart=; command -v setsid >/dev/null 2>&1 && apart=setsid;"
          + " ( $apart sleep \"$1\" </dev/null >/dev/null 2>&1 & ) ; ";

  ExecProcessesContract(ControlPlaneContract suite) {
    super(suite);
  }

  /** A time to sleep that no other process of any test sleeps: the process's name tag. */
  private static String marker() {
    return Long.toString(
        100_000 + Math.floorMod(UUID.randomUUID().getLeastSignificantBits(), 1L << 40));
  }

  /** How many processes of the sandbox sleep so long. */
  private int sleepers(String id, String marker) {
    String script =
        "n=0; for f in /proc/[0-9]*/cmdline; do"
            + " line=$(tr '\\0' ' ' < \"$f\" 2>/dev/null);"
            + " case \"$line\" in \"sleep $1 \") n=$((n+1));; esac; done 2>/dev/null; echo $n";
    return Integer.parseInt(sh(id, script, marker).stdoutUtf8().strip());
  }

  @Test
  void givenTimeout_whenItIsOver_thenTimedOutPromptlyAndPartialOutputIsKept() {
    String id = running();
    ExecRequest request =
        shell("echo before; echo problem >&2; sleep 300; echo after")
            .timeout(Duration.ofMillis(1500))
            .build();

    ExecResult result = exec(id, request);

    assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(result.succeeded(), is(false));
    assertThat(result.stdoutUtf8(), is("before\n"));
    assertThat(result.stderrUtf8(), is("problem\n"));
    assertThat(result.duration().toMillis(), is(greaterThan(1_000L)));
    assertThat(result.duration().toSeconds(), is(lessThan(20L)));
  }

  @Test
  void givenTimeout_whenCommandIgnoresEverySignal_thenItIsKilledAllTheSame() {
    String id = running();
    String marker = marker();
    ExecRequest request =
        shell("trap '' TERM INT HUP; sleep \"$1\"; sleep \"$1\"", marker)
            .timeout(Duration.ofSeconds(1))
            .build();

    assertThat(exec(id, request).outcome(), is(ExecOutcome.TIMED_OUT));

    eventually().until(() -> sleepers(id, marker), is(0));
  }

  @Test
  void givenTimeout_whenCommandStartedProcessesThatBrokeAway_thenAllAreKilled() {
    String id = running();
    String marker = marker();
    ExecRequest request =
        shell(ESCAPE + "sleep \"$1\" & sleep \"$1\"", marker)
            .timeout(Duration.ofSeconds(1))
            .build();

    ExecResult result = exec(id, request);

    assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT));
    eventually().until(() -> sleepers(id, marker), is(0));
    assertThat(sh(id, "echo usable").stdoutUtf8(), is("usable\n"));
  }

  @Test
  void givenTwoCommands_whenOneTimesOut_thenTheOtherGoesOn() {
    String id = running();
    CompletableFuture<ExecResult> other =
        service.exec(id, shell("until [ -e go ]; do sleep 0.1; done; echo went").build());

    ExecResult timedOut =
        exec(id, ExecRequest.builder("sleep", "300").timeout(Duration.ofSeconds(1)).build());
    sh(id, "touch go");

    assertThat(timedOut.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(join(other).stdoutUtf8(), is("went\n"));
  }

  @Test
  void givenManyTimeouts_whenTheyEndAtOnce_thenEachIsAnswered() {
    String id = running();
    ExecRequest request =
        ExecRequest.builder("sleep", "300").timeout(Duration.ofSeconds(1)).build();

    List<ExecResult> results =
        joinAll(IntStream.range(0, 10).mapToObj(i -> service.exec(id, request)).toList());

    results.forEach(result -> assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT)));
  }

  @Test
  void givenCleanCommand_whenItEnds_thenNothingIsLeftOver() {
    ExecResult result = sh(running(), "echo | cat");

    assertThat(result.leftoverProcesses(), is(leftovers(0)));
  }

  @Test
  void givenProcessesInTheBackground_whenCommandEnds_thenTheyAreCounted() {
    String id = running();
    String marker = marker();

    ExecResult result =
        sh(id, "for i in 1 2; do sleep \"$1\" </dev/null >/dev/null 2>&1 & done", marker);

    assertThat(result.leftoverProcesses(), is(leftovers(2)));
    eventually().until(() -> sleepers(id, marker), is(2));
  }

  private int leftovers(int count) {
    return can(Capability.COUNTS_LEFTOVERS) ? count : -1;
  }

  @Test
  void givenCancelledFuture_thenTheCommandAndWhatItStartedAreKilled() {
    String id = running();
    String marker = marker();
    CompletableFuture<ExecResult> command =
        service.exec(id, shell(ESCAPE + "sleep \"$1\"", marker).build());
    eventually().until(() -> sleepers(id, marker), is(2));

    command.cancel(true);

    eventually().until(() -> sleepers(id, marker), is(0));
    assertThat(get(id).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenSandbox_whenCommandsFollowEachOther_thenFilesStay() {
    String id = running();

    sh(id, "mkdir -p deep/er; echo one > deep/er/file");
    sh(id, "echo two >> deep/er/file");

    assertThat(exec(id, "cat", "deep/er/file").stdoutUtf8(), is("one\ntwo\n"));
  }

  @Test
  void givenTwoSandboxes_thenNeitherSeesFilesOrProcessesOfTheOther() {
    String one = running();
    String other = running();
    String marker = marker();
    sh(
        one,
        "touch /tmp/secret /workspace/secret; sleep \"$1\" </dev/null >/dev/null 2>&1 &",
        marker);

    eventually().until(() -> sleepers(one, marker), is(1));
    assertThat(sleepers(other, marker), is(0));
    ExecResult look = sh(other, "ls /tmp/secret /workspace/secret 2>/dev/null | wc -l");
    assertThat(look.stdoutUtf8().strip(), is("0"));
  }

  @Test
  void givenTwoSandboxes_whenOneIsKilledFromInside_thenTheOtherRunsOn() {
    String one = running();
    String other = running();

    var attack = service.exec(one, shell("kill -9 -1; sleep 1").timeout(PATIENCE).build());
    eventually().until(attack::isDone);

    assertThat(sh(other, "echo fine").stdoutUtf8(), is("fine\n"));
    assertThat(get(other).state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenOneSandbox_whenManyCommandsRunAtOnce_thenEachGetsItsOwnAnswer() {
    String id = running();
    List<CompletableFuture<ExecResult>> commands =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    service.exec(
                        id,
                        shell("cat; echo \"err $1\" >&2; exit $1", Integer.toString(i))
                            .stdin(utf8("in " + i))
                            .build()))
            .toList();

    List<ExecResult> results = joinAll(commands);

    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).stdoutUtf8(), is("in " + i));
      assertThat(results.get(i).stderrUtf8(), is("err " + i + "\n"));
      assertThat(results.get(i).exitCode(), is(i));
    }
  }

  @Test
  void givenUnknownSandbox_whenCommandIsRun_thenNotFound() {
    String unknown = UUID.randomUUID().toString();

    failure(SandboxNotFoundException.class, service.exec(unknown, ExecRequest.of("true")));
    failure(SandboxNotFoundException.class, service.readFile(unknown, "/workspace/file"));
    failure(
        SandboxNotFoundException.class, service.writeFile(unknown, "/workspace/file", new byte[0]));
  }

  @Test
  void givenDeletedSandbox_whenCommandIsRun_thenItFailsPromptly() {
    String id = running();
    deleteAndAwait(id);

    ended(service.exec(id, ExecRequest.of("true")));
  }

  @Test
  void givenAnotherClient_whenItRunsACommandOrMovesAFile_thenItCanOrIsToldThatOnlyTheOwnerCan() {
    String id = running();
    sh(id, "echo shared > file");
    SandboxService other = anotherClient();

    if (can(Capability.SERVES_ANY_CLIENT)) {
      ExecResult seen = join(other.exec(id, ExecRequest.of("cat", "file")));
      assertThat(seen.stdoutUtf8(), is("shared\n"));
      assertThat(join(other.readFile(id, "/workspace/file")), is(utf8("shared\n")));
      return;
    }
    failure(SandboxUnsupportedException.class, other.exec(id, ExecRequest.of("true")));
    failure(SandboxUnsupportedException.class, other.readFile(id, "/workspace/file"));
    failure(SandboxUnsupportedException.class, other.writeFile(id, "/workspace/file", utf8("x")));
  }
}
