package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What process 1 answers to its lines, in the shells that images have; without an engine. */
@Timeout(60)
class WatchdogLinesTest {
  @TempDir Path folder;

  /** As process 1 of a sandbox, with its folder as an image's start prepares it. */
  private Process start(String shell) throws IOException {
    Files.writeString(folder.resolve("watchdog.sh"), Scripts.WATCHDOG);
    List<String> command =
        List.of(
            "bwrap --unshare-pid --as-pid-1 --die-with-parent --proc /proc --dev /dev",
            "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib",
            "--symlink usr/lib64 /lib64 --tmpfs /.sandbeam --ro-bind " + folder + " /script",
            "sh -c");
    List<String> words = new ArrayList<>(List.of(String.join(" ", command).split(" ")));
    words.add("cp /bin/cat /.sandbeam/cat; exec " + shell + " /script/watchdog.sh");
    return new ProcessBuilder(words)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private static void send(Writer lines, String text) throws IOException {
    lines.write(text);
    lines.flush();
  }

  private void awaitWord(String word) {
    await().atMost(Duration.ofSeconds(20)).until(() -> said().contains(word));
  }

  @ParameterizedTest
  @ValueSource(strings = {"busybox sh", "dash", "bash"})
  void givenALineThatDidNotCome_whenItsCommandIsAskedFor_thenItIsMissedUntilItHasBegun(String shell)
      throws Exception {
    Process watchdog = start(shell);
    try (Writer lines = watchdog.outputWriter(StandardCharsets.UTF_8)) {
      send(lines, "\nSECRET 60\n\nc 5 0\n");
      awaitWord("SECRET missed 5\n");

      send(lines, "\nx 5 0 - TOKEN exec echo hi\n");
      awaitWord("SECRET exit 5 0 ");
      awaitWord("TOKEN");

      send(lines, "\nc 5 0\n\nc 6 0\n");
      awaitWord("SECRET missed 6\n");
      assertThat(said().replaceFirst("SECRET missed 5\n", ""), not(containsString("missed 5")));
      assertThat(said(), containsString("hi\n"));
    }
    assertThat(watchdog.waitFor(20, TimeUnit.SECONDS), is(true));
  }

  /** Of an empty line, and the line of command 4 behind it, this much comes. */
  private static Stream<Arguments> losses() {
    return Stream.of("busybox sh", "dash", "bash")
        .flatMap(
            shell ->
                Stream.of(
                        "",
                        "\n",
                        "\n\n",
                        "4 0 - TOKEN exec echo half\n",
                        "\n0 0 TOKEN exec echo half\n",
                        "\nx 4 0\n",
                        "x 4 0 - TOKEN exec echo whole\n")
                    .map(rest -> Arguments.of(shell, rest)));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void givenALineOfWhichAPartWasLost_thenTheNextOnesAreHeard(String shell, String rest)
      throws Exception {
    Process watchdog = start(shell);
    try (Writer lines = watchdog.outputWriter(StandardCharsets.UTF_8)) {
      send(lines, "\nSECRET 60\n");
      awaitWord("SECRET ready");
      send(lines, rest + "\nc 4 0\n\nx 5 0 - TOKEN exec echo hi\n\nc 6 0\n");
      awaitWord("SECRET missed 6\n");
      awaitWord("SECRET exit 5 0 ");

      boolean whole = rest.contains("whole");
      assertThat(said().contains("SECRET missed 4\n"), is(!whole));
      assertThat(said().contains("SECRET exit 4 0 "), is(whole));
      assertThat(said().contains("half"), is(false));
    }
    assertThat(watchdog.waitFor(20, TimeUnit.SECONDS), is(true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"busybox sh", "dash", "bash"})
  void givenACommandThatLeavesThousandsOfOrphans_thenAllLinesBesideItAreAnswered(String shell)
      throws Exception {
    String orphans = "i=0; while [ $i -lt 6000 ]; do (true &); i=$((i+1)); done";
    Process watchdog = start(shell);
    try (Writer lines = watchdog.outputWriter(StandardCharsets.UTF_8)) {
      send(lines, "\nSECRET 60\n\nx 1 1 - TOKEN exec dash -c '" + orphans + "'\n");
      AtomicInteger asked = new AtomicInteger();
      await()
          .atMost(Duration.ofSeconds(50))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                send(lines, "\nn " + asked.incrementAndGet() + " 1\n");
                return said().contains("SECRET exit 1 0 ");
              });
      awaitWord("SECRET loose " + asked + " ");
      long answers = said().lines().filter(line -> line.startsWith("SECRET loose ")).count();
      assertThat(answers, is((long) asked.get()));
    }
    assertThat(watchdog.waitFor(20, TimeUnit.SECONDS), is(true));
  }
}
