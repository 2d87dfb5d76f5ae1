package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is printed for people to paste. */
class SweepCommandLineTest {
  private static final ServiceConfig LOCAL = ServiceConfig.of("local");
  private static final Optional<String> UNSET = Optional.empty();

  /** The words that a shell makes of a command. */
  private static List<String> words(String command) throws IOException {
    Process shell = new ProcessBuilder("sh", "-c", "printf '%s\\n' " + command).start();
    return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  @Test
  void givenNothingSpecial_thenItIsShort() {
    assertThat(SweepCommandLine.of("a-1", LOCAL, UNSET), is("scripts/sweep --job=a-1"));
    assertThat(
        SweepCommandLine.of("a-1", ServiceConfig.of("https://host:8443"), UNSET),
        is("scripts/sweep --job=a-1 --service=https://host:8443"));
  }

  @Test
  void givenWhatAShellWouldTakeApart_thenItComesThroughWhole() throws IOException {
    ServiceConfig config =
        ServiceConfig.of("docker:unix:///my run/docker.sock")
            .withSetting("network", "it's $HOME; `id` \"&\" *")
            .withSetting("user", "1000:1000");

    assertThat(
        words(SweepCommandLine.of("a-1", config, UNSET)),
        is(
            List.of(
                "scripts/sweep",
                "--job=a-1",
                "--service=docker:unix:///my run/docker.sock",
                "--service-setting=network=it's $HOME; `id` \"&\" *",
                "--service-setting=user=1000:1000")));
  }

  @Test
  void givenAFolderOfRecords_thenItIsNamedWhoeverChoseIt() throws IOException {
    assertThat(
        words(SweepCommandLine.of("a-1", LOCAL, Optional.of("/my dir"))),
        is(List.of("scripts/sweep", "--job=a-1", "--service-setting=state-dir=/my dir")));
    assertThat(
        "the setting wins, as it does in the service",
        SweepCommandLine.of("a-1", LOCAL.withSetting("state-dir", "/set"), Optional.of("/env")),
        is("scripts/sweep --job=a-1 --service-setting=state-dir=/set"));
    assertThat(
        "another shell may be elsewhere",
        words(SweepCommandLine.of("a-1", LOCAL, Optional.of("here"))).get(2),
        is("--service-setting=state-dir=" + Path.of("here").toAbsolutePath()));
  }

  @Test
  void givenAServiceElsewhere_thenTheFolderOfLocalRecordsIsNotItsBusiness() {
    assertThat(
        SweepCommandLine.of("a-1", ServiceConfig.of("docker"), Optional.of("/env")),
        is("scripts/sweep --job=a-1 --service=docker"));
    assertThat(SweepCommandLine.of("a-1", LOCAL, Optional.of(" ")), is("scripts/sweep --job=a-1"));
  }
}
