package io.sandbeam.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher says of itself, and of what it cannot read. */
class UsageTest {

  @Test
  void givenNothing_thenSaysWhatThereIs() {
    Launcher launcher = Launcher.run();
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        startsWith(
            "sandbeam: say what to do: one of run, sweep, list, delete, exec, doctor, serve, token"));
    assertThat(launcher.out(), equalTo(""));
  }

  @Test
  void givenAnUnknownSubcommand_thenNamesTheNearest() {
    Launcher launcher = Launcher.run("swep");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("'swep'"));
    assertThat(launcher.err(), containsString("sweep"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "sweep", "list", "delete", "exec", "doctor", "serve", "token"})
  void givenHelp_thenEverySubcommandHasExamples(String command) {
    Launcher launcher = Launcher.run(command, "--help");
    assertThat(launcher.status(), equalTo(0));
    assertThat(launcher.out(), containsString("Usage: sandbeam " + command));
    assertThat(launcher.out(), containsString("  sandbeam " + command));
    assertThat(launcher.err(), equalTo(""));
  }

  @Test
  void givenVersion_thenPrintsIt() {
    Launcher launcher = Launcher.run("--version");
    assertThat(launcher.status(), equalTo(0));
    assertThat(launcher.out(), startsWith("sandbeam "));
  }

  @Test
  void givenAnUnknownOption_thenNamesTheNearestAndTheHelp() {
    Launcher launcher = Launcher.run("sweep", "--jop=x");
    assertThat(launcher.status(), equalTo(2));
    assertThat(launcher.err(), containsString("Unknown option: '--jop=x'"));
    assertThat(launcher.err(), containsString("--job"));
    assertThat(launcher.err(), containsString("see sandbeam sweep --help"));
  }

  @Test
  void givenAnOddDuration_thenSaysHowToWriteOne() {
    Launcher launcher = Launcher.run("sweep", "--job=x", "--older-than=soon");
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(), containsString("'soon' is no duration: write 30s, 10m, 1h30m or 2d"));
  }

  @Test
  void givenAnUnknownService_thenNamesThoseThereAre() {
    Launcher launcher = Launcher.run("list", "--service=nowhere");
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(), startsWith("sandbeam: Unknown service 'nowhere': it starts with one of "));
    assertThat(launcher.err(), not(containsString("\tat ")));
  }

  @Test
  void givenAnOddSetting_thenSaysHowToWriteOne() {
    Launcher launcher = Launcher.run("list", "--service-setting=x");
    assertThat(launcher.status(), equalTo(2));
    assertThat(
        launcher.err(),
        containsString("Invalid --service-setting 'x': write --service-setting NAME=VALUE"));
  }

  @Test
  void givenAReaderThatHasGone_thenEndsAsAfterABrokenPipe() {
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        Main.execute(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(gone, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            "doctor",
            "--service=memory");
    assertThat(status, equalTo(141));
    assertThat(err.toString(StandardCharsets.UTF_8), equalTo(""));
  }
}
