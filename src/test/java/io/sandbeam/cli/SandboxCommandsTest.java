package io.sandbeam.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The subcommands on a simulated service. */
class SandboxCommandsTest {
  @TempDir Path folder;
  private FaultySandboxService service;
  private String address;

  @BeforeEach
  void open() {
    service = FaultySandboxService.inMemory();
    address = "--service=" + service.address();
  }

  @AfterEach
  void close() {
    service.close();
  }

  @Test
  void givenAJob_thenSweepDeletesItsSandboxesAndNoOthers() {
    create("a");
    create("a");
    String other = create("b");
    Launcher launcher = Launcher.run("sweep", address, "--job=a");
    assertThat(launcher.err(), equalTo(""));
    assertThat(launcher.out(), startsWith("2 swept, 0 left (proven empty"));
    assertThat(launcher.status(), equalTo(0));
    assertThat(service.live().get(0).id(), equalTo(other));
    assertThat(service.live(), hasSize(1));
  }

  @Test
  void givenADryRun_thenSweepNamesThemAndDeletesNothing() {
    String id = create("a");
    Launcher launcher = Launcher.run("sweep", address, "--job=a", "--dry-run");
    assertThat(launcher.out(), startsWith("dry run: 1 found, nothing deleted"));
    assertThat(launcher.err(), containsString("found: " + id));
    assertThat(launcher.status(), equalTo(0));
    assertThat(service.live(), hasSize(1));
  }

  @Test
  void givenAFileForTheReport_thenItIsWrittenAlsoWhenNothingCouldBeProven() throws IOException {
    Path file = folder.resolve("report.json");
    create("a");
    assertThat(
        Launcher.run("sweep", address, "--job=a", "--sweepReport=" + file).status(), equalTo(0));
    assertThat(outcome(file), equalTo("EMPTY"));

    service.failEveryNth(
        Operation.LIST, 1, () -> new SandboxAuthenticationException("Simulated: 401", null));
    Launcher denied = Launcher.run("sweep", address, "--job=a", "--sweepReport=" + file);
    assertThat(denied.status(), equalTo(4));
    assertThat(denied.out(), containsString("(not proven: Simulated: 401"));
    assertThat(outcome(file), equalTo("UNKNOWN"));
  }

  private static String outcome(Path file) throws IOException {
    return new JsonMapper().readTree(Files.readString(file)).get("outcome").asText();
  }

  @Test
  void givenNoFolderForTheReport_thenNothingIsSwept() {
    create("a");
    Launcher launcher =
        Launcher.run("sweep", address, "--job=a", "--sweepReport=" + folder + "/no/report.json");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("there is no folder " + folder + "/no: make it"));
    assertThat(service.live(), hasSize(1));
  }

  @Test
  void givenNoJobAndNoTag_thenSweepRefuses() {
    Launcher launcher = Launcher.run("sweep", address);
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        equalTo(
            "sandbeam: A sweep needs to know what to delete: give --job=ID, or one or more --tag=TAG of your own;"
                + " sandbeam alone is on the sandboxes of every job, also of those that run\n"));
  }

  @Test
  void givenAnInvalidTag_thenSaysTheRule() {
    Launcher launcher = Launcher.run("sweep", address, "--tag=a b");
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(), startsWith("sandbeam: Invalid tag 'a b': a tag has 1 to 59 characters"));
  }

  @Test
  void givenYoungSandboxes_thenOlderThanLeavesThem() {
    create("a");
    Launcher launcher = Launcher.run("sweep", address, "--job=a", "--older-than=1h");
    assertThat(launcher.out(), startsWith("0 swept, 0 left"));
    assertThat(service.live(), hasSize(1));
  }

  @Test
  void givenManyPages_thenListShowsAllOfThemOnce() {
    service.pagesOf(3);
    for (int i = 0; i < 10; i++) {
      create("a");
    }
    create("b");
    assertThat(Launcher.run("list", address, "--job=a").lines(), hasSize(11));
    assertThat(Launcher.run("list", address, "--tag=" + Tag.job("b")).lines(), hasSize(2));
    assertThat(Launcher.run("list", address).lines(), hasSize(12));
  }

  @Test
  void givenJson_thenEachSandboxIsAnObjectOnALine() throws IOException {
    String id = create("a");
    Launcher launcher = Launcher.run("list", address, "--format=json");
    JsonNode line = new JsonMapper().readTree(launcher.out());
    assertThat(line.get("id").asText(), equalTo(id));
    assertThat(line.get("tags").toString(), equalTo("[\"sandbeam\",\"job.a\"]"));
    assertThat(launcher.lines(), hasSize(1));
  }

  @Test
  void givenEndedSandboxes_thenOnlyAllShowsThem() {
    String id = create("a");
    assertThat(Launcher.run("delete", address, id).status(), equalTo(0));
    assertThat(Launcher.run("list", address).lines(), hasSize(1));
    assertThat(Launcher.run("list", address, "--all").lines().get(1), startsWith(id));
  }

  @Test
  void givenIds_thenDeleteWaitsUntilTheyAreGone() {
    service.stopTakes(Duration.ofMillis(50));
    String first = create("a");
    String second = create("a");
    Launcher launcher = Launcher.run("delete", address, first, second);
    assertThat(launcher.lines(), equalTo(java.util.List.of(first + " gone", second + " gone")));
    assertThat(service.live(), hasSize(0));
  }

  @Test
  void givenAnUnknownId_thenDeleteFailsUnlessThatIsOk() {
    String id = create("a");
    Launcher strict = Launcher.run("delete", address, "nothing", id);
    assertThat(strict.status(), equalTo(1));
    assertThat(strict.err(), containsString("(--missing-ok makes that a success)"));
    assertThat(strict.out(), equalTo(id + " gone\n"));
    Launcher lenient = Launcher.run("delete", address, "--missing-ok", "nothing");
    assertThat(lenient.status(), equalTo(0));
    assertThat(lenient.out(), equalTo("nothing not known\n"));
  }

  @Test
  void givenACommand_thenExecPrintsItsOutputAndLeavesNothing() {
    Launcher launcher = Launcher.run("exec", address, "--", "echo", "--hello", "-x");
    assertThat(launcher.out(), equalTo("--hello -x\n"));
    assertThat(launcher.err(), equalTo(""));
    assertThat(launcher.status(), equalTo(0));
    assertThat(service.created(), equalTo(1L));
    assertThat(service.live(), hasSize(0));
  }

  @Test
  void givenInputAndOptions_thenTheCommandGetsThem() {
    service.answering(
        request -> {
          String seen =
              new String(request.stdin(), StandardCharsets.UTF_8)
                  + request.env()
                  + request.cwd().orElse("")
                  + request.timeout();
          return result(request, ExecOutcome.EXITED, 7, seen);
        });
    Launcher launcher =
        Launcher.withInput(
            "in ".getBytes(StandardCharsets.UTF_8),
            "exec",
            address,
            "--env=A=b=c",
            "--cwd=/tmp",
            "--timeout=1m30s",
            "--memory=64Mi",
            "--network=open",
            "--",
            "true");
    assertThat(launcher.out(), equalTo("in {A=b=c}/tmpPT1M30S"));
    assertThat(launcher.status(), equalTo(7));
    SandboxSpec spec = service.all().get(0).spec();
    assertThat(spec.resources().memoryLimit().toString(), equalTo("64Mi"));
    assertThat(spec.network().name(), equalTo("OPEN"));
  }

  @Test
  void givenACommandThatIsKilled_thenSaysWhy() {
    service.answering(request -> result(request, ExecOutcome.TIMED_OUT, 137, "partial"));
    Launcher timedOut = Launcher.run("exec", address, "--timeout=1s", "--", "sleep", "9");
    assertThat(timedOut.status(), equalTo(124));
    assertThat(timedOut.out(), equalTo("partial"));
    assertThat(
        timedOut.err(), equalTo("sandbeam: killed at its time limit, 1000 ms (--timeout)\n"));
    service.answering(request -> result(request, ExecOutcome.OUT_OF_MEMORY, 137, ""));
    Launcher outOfMemory = Launcher.run("exec", address, "--", "hog");
    assertThat(outOfMemory.status(), equalTo(137));
    assertThat(outOfMemory.err(), containsString("the sandbox's memory was used up (--memory)"));
    assertThat(service.live(), hasSize(0));
  }

  @Test
  void givenAServiceThatFails_thenExecSaysSoWithoutAStackTrace() {
    service.answering(
        request -> {
          throw new io.sandbeam.service.SandboxNotRunningException(
              "box", io.sandbeam.service.SandboxState.FAILED, "it broke");
        });
    Launcher launcher = Launcher.run("exec", address, "--", "true");
    assertThat(launcher.status(), equalTo(125));
    assertThat(launcher.err(), startsWith("sandbeam: "));
    assertThat(launcher.err().lines().count(), equalTo(1L));
    assertThat(service.live(), hasSize(0));
  }

  @Test
  void givenNoCommand_thenExecShowsHowToWriteOne() {
    Launcher launcher = Launcher.run("exec", address);
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        containsString("say which command, after '--': sandbeam exec -- python3 -V"));
  }

  @Test
  void givenBadLimits_thenExecNamesThem() {
    Launcher size = Launcher.run("exec", address, "--memory=lots", "--", "true");
    assertThat(size.err(), startsWith("sandbeam: Invalid size 'lots'"));
    assertThat(size.status(), equalTo(125));
    Launcher env = Launcher.run("exec", address, "--env=A", "--", "true");
    assertThat(env.err(), containsString("Invalid --env 'A': write --env NAME=VALUE"));
    assertThat(env.status(), equalTo(2));
  }

  @Test
  void givenTheDoctor_thenPrintsFindingsAndIsContentWhenOneServiceWorks() {
    Launcher launcher = Launcher.run("doctor", "--service=memory");
    assertThat(launcher.status(), equalTo(0));
    assertThat(
        launcher.lines(),
        equalTo(
            java.util.List.of(
                "memory: simulated sandboxes of a test in this JVM; any image",
                "  ok       memory: nothing is needed")));
    assertThat(Launcher.run("doctor").status(), equalTo(0));
  }

  private String create(String job) {
    return service
        .create(
            SandboxSpec.builder().tags(java.util.List.of(Tag.PRODUCT, Tag.job(job))).build(),
            RequestId.mint())
        .join()
        .id();
  }

  private static ExecResult result(
      ExecRequest request, ExecOutcome outcome, int exitCode, String out) {
    byte[] bytes = out.getBytes(StandardCharsets.UTF_8);
    return new ExecResult(
        request.command(),
        outcome,
        exitCode,
        new ExecResult.Output(bytes, bytes.length),
        new ExecResult.Output(new byte[0], 0),
        Instant.now(),
        Duration.ZERO,
        0);
  }
}
