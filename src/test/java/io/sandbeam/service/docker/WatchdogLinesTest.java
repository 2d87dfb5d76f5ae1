package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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

  @ParameterizedTest
  @ValueSource(strings = {"busybox sh", "dash", "bash"})
  void givenALineThatDidNotCome_whenItsCommandIsAskedFor_thenItIsMissedUntilItHasBegun(String shell)
      throws Exception {
    try (WatchdogProcess watchdog = new WatchdogProcess(folder, shell)) {
      watchdog.send("\nSECRET 60\n\nc 5 0\n");
      watchdog.awaitWord("SECRET missed 5\n");

      watchdog.send("\nx 5 0 - TOKEN exec echo hi\n");
      watchdog.awaitWord("SECRET exit 5 0 ");
      watchdog.awaitWord("TOKEN");

      watchdog.send("\nc 5 0\n\nc 6 0\n");
      watchdog.awaitWord("SECRET missed 6\n");
      assertThat(
          watchdog.said().replaceFirst("SECRET missed 5\n", ""), not(containsString("missed 5")));
      assertThat(watchdog.said(), containsString("hi\n"));
      watchdog.leave();
      assertThat(watchdog.endsWithin(Duration.ofSeconds(20)), is(true));
    }
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
    try (WatchdogProcess watchdog = new WatchdogProcess(folder, shell)) {
      watchdog.send("\nSECRET 60\n");
      watchdog.awaitWord("SECRET ready");
      watchdog.send(rest + "\nc 4 0\n\nx 5 0 - TOKEN exec echo hi\n\nc 6 0\n");
      watchdog.awaitWord("SECRET missed 6\n");
      watchdog.awaitWord("SECRET exit 5 0 ");

      boolean whole = rest.contains("whole");
      assertThat(watchdog.said().contains("SECRET missed 4\n"), is(!whole));
      assertThat(watchdog.said().contains("SECRET exit 4 0 "), is(whole));
      assertThat(watchdog.said().contains("half"), is(false));
      watchdog.leave();
      assertThat(watchdog.endsWithin(Duration.ofSeconds(20)), is(true));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"busybox sh", "dash", "bash"})
  void givenACommandThatLeavesThousandsOfOrphans_thenAllLinesBesideItAreAnswered(String shell)
      throws Exception {
    String orphans = "i=0; while [ $i -lt 6000 ]; do (true &); i=$((i+1)); done";
    try (WatchdogProcess watchdog = new WatchdogProcess(folder, shell)) {
      watchdog.send("\nSECRET 60\n\nx 1 1 - TOKEN exec dash -c '" + orphans + "'\n");
      AtomicInteger asked = new AtomicInteger();
      await()
          .atMost(Duration.ofSeconds(50))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                watchdog.send("\nn " + asked.incrementAndGet() + " 1\n");
                return watchdog.said().contains("SECRET exit 1 0 ");
              });
      watchdog.awaitWord("SECRET loose " + asked + " ");
      long answers =
          watchdog.said().lines().filter(line -> line.startsWith("SECRET loose ")).count();
      assertThat(answers, is((long) asked.get()));
      watchdog.leave();
      assertThat(watchdog.endsWithin(Duration.ofSeconds(20)), is(true));
    }
  }

  /** Whoever passes output on gets processors only when nobody else wants them, so ends late. */
  @ParameterizedTest
  @ValueSource(strings = {"busybox sh", "dash", "bash"})
  void givenABusyMachine_thenWhatStillEndsIsNobodysLeftovers(String shell) throws Exception {
    String late = "#!/bin/sh\\nexec chrt --idle 0 /bin/cat\\n";
    String replace =
        "printf \""
            + late
            + "\" > /.sandbeam/new; chmod +x /.sandbeam/new; mv /.sandbeam/new /.sandbeam/cat";
    int hogs = Runtime.getRuntime().availableProcessors() * 2;
    String spin = "for i in $(seq " + hogs + "); do (while :; do :; done) & done; sleep 60";
    try (WatchdogProcess watchdog = new WatchdogProcess(folder, shell)) {
      watchdog.send("\nSECRET 60\n\nx 1 0 - TOKEN exec dash -c '" + replace + "'\n");
      watchdog.awaitWord("SECRET exit 1 0 ");
      watchdog.send("\nx 2 0 - TOKEN exec dash -c '" + spin + "'\n");
      watchdog.send("\nx 3 1 b TOKEN exec true\n");
      watchdog.awaitWord("SECRET exit 3 0 ");

      watchdog.send("\nd 1\n\nn 4 0\n");

      watchdog.awaitWord("SECRET loose 4 ");
      assertThat(watchdog.said(), containsString("SECRET loose 4 0\n"));
      watchdog.send("\nk 2 0 all\n");
      watchdog.awaitWord("SECRET exit 2 137 ");
      watchdog.leave();
      assertThat(watchdog.endsWithin(Duration.ofSeconds(20)), is(true));
    }
  }

  @Test
  void givenAnEnvironmentThatSetsOptionsOfBash_thenCommandsRun() throws Exception {
    String shell = "env SHELLOPTS=errexit:noclobber:noglob:posix bash";
    try (WatchdogProcess watchdog = new WatchdogProcess(folder, shell)) {
      watchdog.send("\nSECRET 60\n\nx 1 0 - TOKEN exec dash -c 'echo hi; exit 3'\n");

      watchdog.awaitWord("SECRET exit 1 3 ");
      watchdog.awaitWord("hi\n");
      watchdog.awaitWord("TOKEN");
    }
  }
}
