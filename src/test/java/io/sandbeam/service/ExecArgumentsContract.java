package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The words, the variables and the directory of a command arrive exactly, and its end comes back.
 */
abstract class ExecArgumentsContract extends ServiceContract {
  ExecArgumentsContract(ControlPlaneContract suite) {
    super(suite);
  }

  /** The arguments that a program got, as it printed them. */
  private List<String> received(String id, List<String> arguments) {
    ExecRequest request =
        shell("printf '%s\\0' \"$@\"", arguments.toArray(String[]::new))
            .maxOutputBytes(4 << 20)
            .build();
    String printed = new String(exec(id, request).stdout(), StandardCharsets.UTF_8);
    return Arrays.asList(printed.substring(0, printed.length() - 1).split("\0", -1));
  }

  @ParameterizedTest
  @CsvSource({
    "true, 0",
    "exit 1, 1",
    "exit 42, 42",
    "exit 255, 255",
    "kill -9 $$, 137",
    "kill -TERM $$, 143",
    "kill -SEGV $$, 139"
  })
  void givenCommand_whenItEnds_thenItsExitCodeIsTheAnswer(String script, int exitCode) {
    ExecResult result = sh(running(), script);

    assertThat(result.exitCode(), is(exitCode));
    assertThat(result.outcome(), is(ExecOutcome.EXITED));
    assertThat(result.succeeded(), is(exitCode == 0));
    assertThat(result.duration().isNegative(), is(false));
  }

  @Test
  void givenProgramThatIsNotThere_whenRun_thenExitCode127AndTheErrorNamesIt() {
    String id = running();

    for (String program : List.of("sandbeam-no-such-program", "/workspace/no such program")) {
      ExecResult result = exec(id, program, "argument");

      assertThat(program, result.exitCode(), is(127));
      assertThat(result.outcome(), is(ExecOutcome.EXITED));
      assertThat(result.stderrUtf8().contains(program), is(true));
    }
  }

  @Test
  void givenFileThatIsNotExecutable_whenRun_thenExitCode126() {
    String id = running();
    sh(id, "echo text > plain; chmod 644 plain; mkdir folder");

    assertThat(exec(id, "/workspace/plain").exitCode(), is(126));
    assertThat(exec(id, "/workspace/folder").exitCode(), is(126));
  }

  @Test
  void givenScriptOfTheSandbox_whenRunByPath_thenItRuns() {
    String id = running();
    sh(id, "printf '#!/bin/sh\\necho \"script: $1\"\\n' > 'my script'; chmod 755 'my script'");

    assertThat(exec(id, "/workspace/my script", "a  b").stdoutUtf8(), is("script: a  b\n"));
  }

  @Test
  void givenAwkwardArguments_whenRun_thenEachArrivesWhole() {
    List<String> awkward =
        List.of(
            "",
            " ",
            "a  b",
            "'",
            "\"",
            "'\"'\"'",
            "\\",
            "\\n",
            "\n",
            "a\nb\n",
            "\t",
            "\r\n",
            "$HOME",
            "${HOME}",
            "$(id)",
            "`id`",
            "*",
            "/*",
            "?",
            "~",
            "!!",
            "#",
            "&&",
            ";",
            "|",
            ">",
            "<",
            "-",
            "--",
            "-n",
            "-rf",
            "--help",
            "-e",
            "=",
            "a=b",
            "%s",
            "%",
            "{}",
            "{id}",
            "ü",
            "✓",
            "𝄞",
            "é\u0301",
            "\u0001",
            "\u001b[31m",
            "\u007f",
            "\ufeff",
            "");

    assertThat(received(running(), awkward), is(awkward));
  }

  @Test
  void givenRandomArguments_whenRun_thenEachArrivesWhole() {
    String id = running();
    Random random = new Random(20_113);
    for (int round = 0; round < 25; round++) {
      List<String> arguments =
          Stream.generate(() -> Payloads.awkwardText(random, 40))
              .limit(1 + random.nextInt(12))
              .toList();

      assertThat("round " + round, received(id, arguments), is(arguments));
    }
  }

  @Test
  void givenArgumentOf100KiB_whenRun_thenItArrivesWhole() {
    String longest = "long 'word' ".repeat(100 * 1024 / 12);

    assertThat(received(running(), List.of("a", longest, "")), is(List.of("a", longest, "")));
  }

  @Test
  void givenThousandsOfArguments_whenRun_thenAllArriveInOrder() {
    List<String> many = IntStream.range(0, 5000).mapToObj(i -> "word " + i).toList();

    assertThat(received(running(), many), is(many));
  }

  @Test
  void givenArgumentsThatLookLikeOptions_whenProgramIsRunDirectly_thenNoneIsEaten() {
    String id = running();

    assertThat(exec(id, "printf", "%s|", "-n", "--", "-c").stdoutUtf8(), is("-n|--|-c|"));
    assertThat(exec(id, "echo", "$HOME", "*").stdoutUtf8(), is("$HOME *\n"));
  }

  @Test
  void givenEnvInRequest_whenRun_thenItWinsOverTheSpecForThisCommandOnly() {
    String id = running(spec().env(Map.of("A", "spec", "B", "spec")).build());
    ExecRequest request = shell("echo $A $B $C").env(Map.of("A", "exec", "C", "exec")).build();

    assertThat(exec(id, request).stdoutUtf8(), is("exec spec exec\n"));
    assertThat(sh(id, "echo $A $B $C").stdoutUtf8(), is("spec spec\n"));
  }

  @Test
  void givenAwkwardEnv_whenRun_thenTheValuesAreExact() {
    String id = running();
    Random random = new Random(7);
    for (int round = 0; round < 10; round++) {
      String value = Payloads.awkwardText(random, 200);
      ExecRequest request = shell("printf %s \"$VALUE\"").env("VALUE", value).build();

      assertThat("round " + round, exec(id, request).stdout(), is(utf8(value)));
    }
  }

  @Test
  void givenCwd_whenRun_thenTheCommandStartsThere() {
    String id = running();
    sh(id, "mkdir -p '/workspace/a dir/with \"quotes\"'");
    String directory = "/workspace/a dir/with \"quotes\"";

    ExecResult result = exec(id, ExecRequest.builder("pwd").cwd(directory).build());

    assertThat(result.stdoutUtf8(), is(directory + "\n"));
  }

  @Test
  void givenCwdThatIsNotThere_whenRun_thenExitCode126AndTheErrorNamesIt() {
    ExecRequest request = ExecRequest.builder("pwd").cwd("/workspace/missing").build();

    ExecResult result = exec(running(), request);

    assertThat(result.exitCode(), is(126));
    assertThat(result.stdoutUtf8(), is(""));
    assertThat(result.stderrUtf8().contains("/workspace/missing"), is(true));
  }

  @Test
  void givenResult_whenRead_thenItHasTheCommandAndTimes() {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "sleep 0.3", "secret"));

    ExecResult result = exec(running(), ExecRequest.builder(command).build());

    assertThat(result.command(), is(command));
    assertThat(result.duration().toMillis() >= 250, is(true));
    assertThat(result.startedAt(), is(not(java.time.Instant.EPOCH)));
  }
}
