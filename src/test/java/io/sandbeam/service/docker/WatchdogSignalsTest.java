package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Signals that commands send to process 1 and to its helpers, in the shells that images have. */
@Timeout(60)
class WatchdogSignalsTest {
  private static final String EVERY_SLEEP =
      "for p in /proc/[0-9]*; do read -r name < $p/comm;"
          + " [ $name != sleep ] || kill -KILL ${p#/proc/}; done";

  @TempDir Path folder;
  private WatchdogProcess watchdog;

  @AfterEach
  void end() {
    watchdog.close();
  }

  private void start(String shell, int seconds) throws IOException {
    watchdog = new WatchdogProcess(folder, shell);
    watchdog.send("\nSECRET " + seconds + "\n");
    watchdog.awaitWord("SECRET ready");
  }

  private void run(int number, int slot, String script) throws IOException {
    watchdog.send("\nx " + number + " " + slot + " - TOKEN exec dash -c '" + script + "'\n");
  }

  private static Stream<String> shells() {
    return Stream.of("busybox sh", "dash", "bash");
  }

  private static Stream<Arguments> shellsAndSignals() {
    return shells()
        .flatMap(
            shell ->
                Stream.of("HUP", "INT", "QUIT", "ALRM", "USR1", "USR2")
                    .map(signal -> Arguments.of(shell, signal)));
  }

  @ParameterizedTest
  @MethodSource("shellsAndSignals")
  void givenASignalToProcessOne_thenTheNextCommandRuns(String shell, String signal)
      throws Exception {
    start(shell, 60);

    run(1, 0, "kill -" + signal + " 1; sleep 0.2; kill -" + signal + " 1");
    watchdog.awaitWord("SECRET exit 1 0 ");
    run(2, 0, "echo on");

    watchdog.awaitWord("SECRET exit 2 0 ");
    watchdog.awaitWord("on\n");
  }

  @ParameterizedTest
  @MethodSource("shellsAndSignals")
  void givenASignalToEverything_thenItsSenderGoesOnAndItsOutputComes(String shell, String signal)
      throws Exception {
    start(shell, 60);

    run(1, 0, "kill -" + signal + " -1; sleep 0.2; echo on; exit 7");
    watchdog.send("\nc 1 0\n");

    watchdog.awaitWord("SECRET exit 1 7 ");
    watchdog.awaitWord("TOKEN");
    assertThat(watchdog.said(), containsString("on\n"));
    assertThat(watchdog.said(), not(containsString("lost")));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void givenASignalToEverything_whileInputIsOnItsWay_thenAllOfItArrives(String shell)
      throws Exception {
    start(shell, 60);

    run(1, 1, "sleep 0.3; kill -INT -1; kill -TERM -1");
    watchdog.send("\nb 140000 input\n");
    watchdog.send(new byte[70_000]);
    watchdog.awaitWord("SECRET exit 1 0 ");
    watchdog.send(new byte[70_000]);
    run(2, 0, "wc -c < /.sandbeam/input");

    watchdog.awaitWord("SECRET exit 2 0 ");
    watchdog.awaitWord("140000\n");
  }

  @ParameterizedTest
  @MethodSource("shells")
  void givenEverythingIsStopped_whenItsSenderEnds_thenThatIsReportedWithItsOutput(String shell)
      throws Exception {
    start(shell, 60);

    run(1, 0, "kill -STOP -1; echo on; exit 7");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              watchdog.send("\nc 1 0\n");
              return watchdog.said().contains("SECRET exit 1 7 ");
            });
    watchdog.awaitWord("TOKEN");
    assertThat(watchdog.said(), containsString("on\n"));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void givenEverythingIsStopped_whenOneCommandIsKilled_thenItsEndIsReported(String shell)
      throws Exception {
    start(shell, 60);

    run(1, 0, "kill -STOP -1; : > /signs/stopped; sleep 40");
    watchdog.awaitSign("stopped");

    // A line can be lost while children are being stopped; its sender sends it again.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              watchdog.send("\nk 1 0 tree\n");
              return watchdog.said().contains("SECRET exit 1 137 ");
            });
  }

  @ParameterizedTest
  @MethodSource("shells")
  void givenACommandThatKillsEverySleep_thenTheTimeIsNotOver(String shell) throws Exception {
    start(shell, 60);

    run(1, 0, EVERY_SLEEP);
    watchdog.awaitWord("SECRET exit 1 ");

    // Whoever believes that its time is over, kills everything after three seconds.
    assertThat(watchdog.endsWithin(Duration.ofSeconds(4)), is(false));
    run(2, 0, "echo on");
    watchdog.awaitWord("SECRET exit 2 0 ");
  }

  @ParameterizedTest
  @MethodSource("shells")
  void givenACommandThatKillsEverySleep_whenTheTimeIsOver_thenItEnds(String shell)
      throws Exception {
    start(shell, 3);

    run(1, 0, EVERY_SLEEP);
    watchdog.awaitWord("SECRET exit 1 ");

    assertThat(watchdog.endsWithin(Duration.ofSeconds(20)), is(true));
  }
}
