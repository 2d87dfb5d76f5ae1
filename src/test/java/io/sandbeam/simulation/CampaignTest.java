package io.sandbeam.simulation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many seeds, as {@code scripts/chaos --simulate} runs them, in a JVM of their own. */
@Timeout(240)
class CampaignTest {
  @TempDir Path folder;

  private record Ended(int code, List<String> lines) {
    String last() {
      return lines.get(lines.size() - 1);
    }

    String digest() {
      return lines.stream().filter(line -> line.startsWith("digest: ")).findFirst().orElse("");
    }
  }

  private Ended campaign(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.log.io.sandbeam=off",
                "-Dorg.slf4j.simpleLogger.log.org.apache.beam=off",
                "-cp",
                System.getProperty("java.class.path"),
                Campaign.class.getName()));
    command.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat("it ends", process.waitFor(200, TimeUnit.SECONDS), is(true));
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readAllLines(output, StandardCharsets.UTF_8));
  }

  @Test
  void givenTwoThousandSeeds_thenEveryInvariantHolds() throws Exception {
    Ended ended = campaign("--seeds=2000", "--from=1");

    assertThat(String.join("\n", ended.lines()), ended.code(), is(0));
    assertThat(ended.last(), startsWith("2,000 seeds from 1: 0 broken; "));
  }

  @Test
  void givenTheSameSeedsInAnotherJvm_thenTheRunsAreTheSame() throws Exception {
    Ended ended = campaign("--seeds=40", "--from=7000");

    Tally here = new Tally();
    for (long seed = 7000; seed < 7040; seed++) {
      here.add(Simulation.run(Plan.of(seed)));
    }
    assertThat(ended.digest(), is("digest: " + here.digest()));
  }

  @Test
  void givenARunThatNeverEnds_thenTheCampaignIsNoSuccess() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Campaign campaign =
        new Campaign(
            Campaign.Arguments.parse("--seeds=8"),
            new PrintStream(said, true, StandardCharsets.UTF_8),
            plan -> {
              throw new LinkageError("a class is missing");
            });

    assertThat(campaign.run(), is(1));

    assertThat(said.toString(StandardCharsets.UTF_8), startsWith("only 0 of 8 seeds were run"));
  }

  @Test
  void givenOneSeedAndSomeFaults_thenTheTraceTellsWhatHappened() throws Exception {
    Ended ended = campaign("--seeds=1", "--from=1", "--faults=0,1", "--trace");

    assertThat(ended.code(), is(0));
    assertThat(
        String.join("\n", ended.lines()),
        allOf(containsString("CREATE"), containsString("reports EMPTY")));
  }

  @ParameterizedTest
  @CsvSource({
    "--seeds=0, a whole number",
    "--seeds=many, a whole number",
    "--from=-1, a whole number",
    "--faults=x, numbers of faults",
    "--trace, for --seeds=1",
    "--sedes=3, unknown argument: --sedes=3",
  })
  void givenAWrongArgument_thenItIsNamedWithTheRule(String argument, String told) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Campaign.Arguments.parse(argument));
    assertThat(refused.getMessage(), containsString(told));
  }

  @ParameterizedTest
  @CsvSource({
    "--simulate --seeds=0, 2, --seeds=0: a whole number",
    "--simulate --from=x, 2, --from=x: a whole number",
    "--simulate --trace, 2, add --seeds=1",
    "--simulate --sedes=3, 2, unknown argument: --sedes=3",
    "--simulate --help, 0, usage: scripts/chaos",
  })
  void givenTheScript_thenWrongFlagsAreNamedBeforeAnythingIsBuilt(
      String arguments, int code, String told) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder("bash", "-c", "scripts/chaos " + arguments)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS), is(true));

    assertThat(Files.readString(output), containsString(told));
    assertThat(process.exitValue(), is(code));
  }
}
