package io.sandbeam.service.local;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that do all they can against their time, their limits and their end. */
class HostileCommandsTest {
  private LocalFixture local;

  @BeforeEach
  void open() {
    local = new LocalFixture();
  }

  @AfterEach
  void leaveNothing() {
    local.close();
  }

  private static ExecRequest limited(Duration timeout, String script) {
    return ExecRequest.builder("sh", "-c", script).timeout(timeout).build();
  }

  private String create() {
    return local.create(LocalFixture.spec().build());
  }

  private String create(Resources resources) {
    return local.create(LocalFixture.spec().resources(resources).build());
  }

  private int processesIn(String id) {
    return Integer.parseInt(local.sh(id, "ls -d /proc/[0-9]* | wc -l").stdoutUtf8().trim());
  }

  @Test
  void givenFlood_thenItEndsAndOnlyTheCapIsKept() {
    String id = create();

    ExecResult flood =
        local.exec(
            id,
            ExecRequest.builder(
                    "sh", "-c", "head -c 50000000 /dev/zero; head -c 70000 /dev/zero >&2")
                .maxOutputBytes(1000)
                .timeout(Duration.ofSeconds(50))
                .build());

    assertThat(flood.exitCode(), is(0));
    assertThat(flood.stdoutBytesProduced(), is(50_000_000L));
    assertThat(flood.stderrBytesProduced(), is(70_000L));
    assertThat(flood.stdout().length, is(1000));
    assertThat(flood.stderr().length, is(1000));
  }

  @Test
  void givenProcessesThatTriedToBreakAway_whenTheTimeIsUp_thenAllAreDead() {
    String id = create();

    ExecResult result =
        local.exec(
            id,
            limited(
                Duration.ofSeconds(1),
                """
                trap '' TERM HUP INT
                setsid sleep 300 &
                (setsid sh -c 'env -i sleep 300 & env -i sleep 300' &)
                nohup sh -c 'while :; do sleep 300; done' > /dev/null 2>&1 &
                sleep 300
                """));

    assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(result.exitCode(), is(137));
    assertThat(result.leftoverProcesses(), is(0));
    // Process 1, its reporter, sh, and ls with wc.
    assertThat(processesIn(id), is(lessThan(6)));
  }

  @Test
  void givenTwoCommands_whenOneTimesOut_thenTheOtherRunsOn() {
    String id = create();
    CompletableFuture<ExecResult> other =
        local.service().exec(id, limited(Duration.ofSeconds(40), "sleep 3; echo done"));

    ExecResult late =
        local.exec(
            id, limited(Duration.ofMillis(700), "setsid sleep 300 & (sleep 300 &) ; sleep 300"));

    assertThat(late.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(LocalFixture.get(other).stdoutUtf8(), is("done\n"));
    assertThat(local.sh(id, "pgrep -c sleep").stdoutUtf8(), is("0\n"));
  }

  @Test
  void givenCommandThatKillsEverything_thenItIsReportedAndTheSandboxLives() {
    String id = create();

    ExecResult result = local.exec(id, limited(Duration.ofSeconds(30), "kill -KILL -1; sleep 300"));

    assertThat(result.outcome(), is(ExecOutcome.EXITED));
    assertThat(result.exitCode(), is(137));
    assertThat(local.sh(id, "echo here").stdoutUtf8(), is("here\n"));
  }

  @Test
  void givenForkBomb_thenTheLimitHoldsAndTheEndComes() {
    String id = create(Resources.DEFAULT.withProcesses(40));

    ExecResult bomb =
        local.exec(
            id, limited(Duration.ofSeconds(2), "b() { b | b & b; }; b 2> /dev/null; sleep 300"));

    assertThat(bomb.outcome(), anyOf(is(ExecOutcome.TIMED_OUT), is(ExecOutcome.EXITED)));
    LocalFixture.get(local.service().delete(DeleteRequest.of(id)));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> local.info(id).state(), is(SandboxState.TERMINATED));
  }

  @Test
  void givenProcessLimit_thenItIsThisSandboxAlone() {
    String one = create(Resources.DEFAULT.withProcesses(30));
    String other = create(Resources.DEFAULT.withProcesses(30));
    local.sh(one, "for i in $(seq 20); do sleep 60 & done");

    ExecResult there = local.sh(other, "for i in $(seq 20); do sleep 60 & done; echo all");
    ExecResult here = local.sh(one, "for i in $(seq 20); do sleep 60 & done; echo all");

    assertThat(there.stdoutUtf8(), is("all\n"));
    assertThat(here.stdoutUtf8(), is(not("all\n")));
    assertThat(here.stderrUtf8(), containsString("fork"));
  }

  @Test
  void givenMemoryHog_thenItIsOutOfMemoryAndTheSandboxLives() {
    boolean counted = local.service().describe().facts().get("limit memory").startsWith("cgroup");
    String id = create(Resources.DEFAULT.withMemory(ByteSize.ofMebibytes(64)));

    ExecResult hog =
        local.exec(
            id,
            ExecRequest.builder("python3", "-c", "x = bytearray(500_000_000)")
                .timeout(Duration.ofSeconds(40))
                .build());

    // Without a cgroup the limit is on addresses: the program is told, and may end as it likes.
    assertThat(hog.outcome(), is(counted ? ExecOutcome.OUT_OF_MEMORY : ExecOutcome.EXITED));
    assertThat(hog.succeeded(), is(false));
    assertThat(local.sh(id, "exit 5").outcome(), is(ExecOutcome.EXITED));
    assertThat(local.info(id).limitsInForce().get("memory"), containsString("64Mi"));
  }

  @Test
  void givenDiskLimit_thenWritingMoreFails() {
    String id = create(Resources.DEFAULT.withDisk(ByteSize.ofMebibytes(2)));

    ExecResult result = local.sh(id, "head -c 3000000 /dev/zero > /workspace/big");

    assertThat(result.exitCode(), is(1));
    assertThat(result.stderrUtf8(), containsString("No space left"));
  }

  @Test
  void givenBackgroundProcessThatHoldsTheOutput_thenTheResultDoesNotWaitForIt() {
    String id = create();

    ExecResult result = local.sh(id, "echo said; sleep 300 &");

    assertThat(result.stdoutUtf8(), is("said\n"));
    assertThat(result.leftoverProcesses(), is(1));
    assertThat(result.duration().toSeconds(), is(lessThan(20L)));
    // What it writes later is nobody else's output.
    assertThat(local.sh(id, "echo next").stdoutUtf8(), is("next\n"));
  }

  @Test
  void givenBackgroundProcessThatFloods_thenNeitherResultNorLaterOnesSuffer() {
    String id = create();

    ExecResult first = local.sh(id, "cat /dev/zero & sleep 0.2");
    ExecResult second = local.sh(id, "echo clean");

    assertThat(first.leftoverProcesses(), is(1));
    assertThat(second.stdoutUtf8(), is("clean\n"));
  }

  @Test
  void givenFiftySandboxesWithCommandsAtOnce_thenEachGetsItsOwnAnswers() {
    List<CompletableFuture<Void>> all =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          String id = create();
                          for (int round = 0; round < 4; round++) {
                            String word = i + "." + round;
                            assertThat(local.sh(id, "echo " + word).stdoutUtf8(), is(word + "\n"));
                          }
                          LocalFixture.get(local.service().delete(DeleteRequest.of(id)));
                        }))
            .toList();

    all.forEach(LocalFixture::get);
  }
}
