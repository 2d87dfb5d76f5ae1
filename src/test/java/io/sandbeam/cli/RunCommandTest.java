package io.sandbeam.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecResult;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sandbeam run}, on the direct runner and a simulated service. */
class RunCommandTest {
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
  void givenQuotasThatCannotBe_thenTheOptionIsNamedAndNothingStarts() throws IOException {
    String file = words("echo, '{element}'").toString();
    String out = "--set=out=" + folder.resolve("out");
    Launcher text = Launcher.run("run", file, address, "--createRate=often", out);
    assertThat(text.status(), equalTo(2));
    assertThat(
        text.err(), containsString("invalid option --createRate=often: its value must be of type"));
    assertThat(text.err(), not(containsString("at [Source")));
    Launcher other = Launcher.run("run", file, address, "--maxSandboxes=4", out);
    assertThat(other.status(), equalTo(2));
    assertThat(other.err(), containsString("--maxSandboxes=4: the service 'memory:"));
    Launcher none =
        Launcher.run("run", file, "--service=http://127.0.0.1:1", "--maxSandboxes=0", out);
    assertThat(none.status(), equalTo(2));
    assertThat(none.err(), containsString("maxSandboxes '0'"));
    assertThat(service.created(), equalTo(0L));
  }

  @Test
  void givenHelp_thenItNamesTheQuotas() {
    Launcher help = Launcher.run("run", "--help");
    assertThat(
        help.out(), allOf(containsString("--maxSandboxes=N"), containsString("--createRate=N")));
  }

  @Test
  void givenCommands_thenResultsAreWrittenAndTheAccountIsPrinted() throws IOException {
    Path file = words("echo, '{element}'");
    Launcher launcher =
        Launcher.run("run", file.toString(), "--set", "out=" + folder.resolve("out"), address);
    assertThat(launcher.err(), launcher.status(), equalTo(0));
    assertThat(launcher.lines().get(0), startsWith("commands:  2 done: 2 succeeded, 0 failed"));
    assertThat(
        launcher.lines().get(1),
        startsWith("sandboxes: 2 created, 2 closed, 0 swept, 0 expired, 0 left (proven empty"));
    assertThat(launcher.err(), startsWith("sandbeam: job test-"));
    List<String> results = Files.readAllLines(folder.resolve("out-00000-of-00001"));
    assertThat(results, hasSize(2));
    assertThat(results.get(0), containsString("\"status\":\"SUCCEEDED\""));
    assertThat(service.live(), hasSize(0));
  }

  @Test
  void givenCommandsThatFail_thenTheStatusSaysSo() throws IOException {
    service.answering(
        request ->
            new ExecResult(
                request.command(),
                ExecOutcome.EXITED,
                3,
                new ExecResult.Output(new byte[] {(byte) 0xff}, 1),
                new ExecResult.Output("no".getBytes(StandardCharsets.UTF_8), 2),
                Instant.now(),
                Duration.ZERO,
                0));
    Launcher launcher =
        Launcher.run(
            "run", words("false").toString(), "--set", "out=" + folder.resolve("out"), address);
    assertThat(launcher.err(), launcher.status(), equalTo(1));
    assertThat(launcher.out(), containsString("2 done: 0 succeeded, 2 failed"));
    assertThat(
        Files.readAllLines(folder.resolve("out-00000-of-00001")).get(0),
        allOf(containsString("\"stdout_base64\":\"/w==\""), containsString("\"stderr\":\"no\"")));
  }

  @Test
  void givenAFileForTheReport_thenTheProofIsThere() throws IOException {
    Path report = folder.resolve("report.json");
    String file = words("echo, '{element}'").toString();
    String out = "--set=out=" + folder.resolve("out");
    Launcher launcher = Launcher.run("run", file, out, address, "--sweepReport=" + report);
    assertThat(launcher.err(), launcher.status(), equalTo(0));
    assertThat(
        Files.readString(report),
        allOf(
            containsString("\"outcome\" : \"EMPTY\""), containsString("\"sealing\" : \"SEALED\"")));

    Launcher refused =
        Launcher.run("run", file, out, address, "--sweepReport=" + folder + "/no/report.json");
    assertThat(refused.status(), equalTo(2));
    assertThat(refused.err(), containsString("Invalid --sweepReport=" + folder));
    assertThat("nothing ran", service.created(), equalTo(2L));
  }

  @Test
  void givenAFileForTheReportAndNoCommands_thenTheRunIsRefused() throws IOException {
    Path file =
        write("pipeline:", "  transforms:", "    - {type: Create, config: {elements: [a]}}");
    Launcher launcher = Launcher.run("run", file.toString(), "--sweepReport=" + folder + "/r.json");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("the pipeline runs no commands"));
  }

  @Test
  void givenAJobIdThatWasUsedBefore_thenTheRunIsRefusedAndSaysWhy() throws IOException {
    String file = words("echo, '{element}'").toString();
    String out = "--set=out=" + folder.resolve("out");
    assertThat(Launcher.run("run", file, out, address, "--jobId=same").status(), equalTo(0));

    Launcher again = Launcher.run("run", file, out, address, "--jobId=same");

    assertThat(again.status(), equalTo(3));
    assertThat(
        again.err(),
        containsString("Job same is not started: a job of this id was swept, so it is sealed"));
    assertThat(service.created(), equalTo(2L));
  }

  @Test
  void givenABadFile_thenNamesTheLineAndNothingElse() throws IOException {
    Path file = write("pipeline:", "  transforms:", "    - type: SandboxExce");
    Launcher launcher = Launcher.run("run", file.toString(), address);
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        startsWith(
            "sandbeam: " + file + ":3:7: unknown type 'SandboxExce'; did you mean 'SandboxExec'?"));
    assertThat(launcher.err().lines().count(), equalTo(1L));
  }

  @Test
  void givenABadKeyOfSandboxExec_thenNamesTheNearest() throws IOException {
    Path file =
        write(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: SandboxExec, config: {command: [a], tiemout: 3s}}");
    Launcher launcher = Launcher.run("run", file.toString(), address);
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        containsString(
            ":5:50: unknown key 'tiemout' in the config of SandboxExec; did you mean 'timeout'?"));
  }

  @Test
  void givenAPlaceholderOfNoField_thenItStaysAsItIs() throws IOException {
    Launcher launcher =
        Launcher.run(
            "run",
            words("echo, '{elemnt}'").toString(),
            "--set",
            "out=" + folder.resolve("out"),
            address);
    assertThat(launcher.err(), launcher.status(), equalTo(0));
    assertThat(
        Files.readAllLines(folder.resolve("out-00000-of-00001")).get(0),
        containsString("\"stdout\":\"{elemnt}\\n\""));
  }

  @Test
  void givenAnUnknownBeamOption_thenNamesTheNearest() throws IOException {
    Launcher launcher =
        Launcher.run(
            "run", words("true").toString(), "--set=out=x", address, "--targetParalelism=2");
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        allOf(
            containsString("unknown option --targetParalelism"),
            containsString("targetParallelism")));
    assertThat(launcher.err().lines().count(), equalTo(1L));
  }

  @Test
  void givenAnUnknownRunner_thenNamesThoseThereAre() throws IOException {
    Launcher launcher =
        Launcher.run(
            "run", words("true").toString(), "--set=out=x", address, "--runner=FlnkRunner");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), allOf(containsString("FlnkRunner"), containsString("DirectRunner")));
  }

  @Test
  void givenOptionsInFileAndArguments_thenTheArgumentsWin() throws IOException {
    Path file =
        write(
            "options: {job_id: from-file}",
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: SandboxExec, config: {command: [echo]}}");
    assertThat(
        Launcher.run("run", file.toString(), address).err(), containsString("job from-file"));
    Launcher typed = Launcher.run("run", file.toString(), address, "--jobId=typed");
    assertThat(typed.err(), containsString("job typed"));
    assertThat(typed.status(), equalTo(0));
  }

  @Test
  void givenAnInvalidJobId_thenSaysTheRule() throws IOException {
    Launcher launcher =
        Launcher.run("run", words("true").toString(), "--set=out=x", address, "--jobId=Not_Valid");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("Not_Valid"));
    assertThat(launcher.err(), not(containsString("\tat ")));
  }

  @Test
  void givenAPipelineThatFails_thenStatus3AndItsReason() throws IOException {
    Path file =
        write(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: SandboxExec, config: {command: [echo]}}",
            "    - {type: MapToFields, config: {fields: {status: status}}}",
            "    - {type: AssertEqual, config: {elements: [{status: FAILED}]}}");
    Launcher launcher = Launcher.run("run", file.toString(), address);
    assertThat(launcher.status(), equalTo(3));
    assertThat(
        launcher.err(),
        containsString("the pipeline failed: " + file + ":7:35: AssertEqual failed"));
    assertThat(launcher.err(), not(containsString("\tat ")));
    assertThat(service.live(), hasSize(0));
  }

  @Test
  void givenAVariableWithoutValue_thenSaysHowToGiveIt() throws IOException {
    Launcher launcher = Launcher.run("run", words("true").toString(), address);
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        containsString("variable 'out' has no value; give it with --set out=VALUE"));
  }

  @Test
  void givenTwoFiles_thenRefusesTheSecond() throws IOException {
    Launcher launcher = Launcher.run("run", words("true").toString(), "other.yaml");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("unexpected argument 'other.yaml'"));
  }

  @Test
  void givenNoFile_thenAsksForIt() {
    Launcher launcher = Launcher.run("run");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("Missing required parameter: 'FILE'"));
  }

  private Path words(String command) throws IOException {
    return write(
        "pipeline:",
        "  type: chain",
        "  transforms:",
        "    - {type: Create, config: {elements: [a, b]}}",
        "    - {type: SandboxExec, config: {command: [" + command + "]}}",
        "    - {type: WriteToJson, config: {path: '{{ out }}'}}");
  }

  private Path write(String... lines) throws IOException {
    return Files.writeString(folder.resolve("test.yaml"), String.join("\n", lines) + "\n");
  }
}
