package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log grows to its size, begins anew, and loses no line over it. */
class AccessLogTest {
  private static final AccessLog.Line LINE =
      new AccessLog.Line(
          Instant.EPOCH, "127.0.0.1", "-", "GET", "-", "", 200, "OK", "", Duration.ZERO, 0, 0);
  @TempDir Path folder;

  @Test
  void givenAFullFile_thenItIsKeptAsThePredecessor() throws IOException {
    Path file = folder.resolve("log");
    try (AccessLog log = AccessLog.to(file, 1)) {
      log.write(LINE);
      log.write(LINE);
    }
    assertThat(Files.readAllLines(file), hasSize(1));
    assertThat(Files.readAllLines(folder.resolve("log.1")), hasSize(1));
  }

  @Test
  void givenAFileThatCannotBeMoved_thenItTakesEveryLineUntilItCan() throws IOException {
    Path file = folder.resolve("log");
    Path obstacle = Files.createDirectories(folder.resolve("log.1/not-empty"));
    try (AccessLog log = AccessLog.to(file, 1)) {
      for (int i = 0; i < 3; i++) {
        log.write(LINE);
      }
      assertThat(Files.readAllLines(file), hasSize(3));

      Files.delete(obstacle);
      Files.delete(folder.resolve("log.1"));
      log.write(LINE);
    }
    assertThat(Files.readAllLines(file), hasSize(1));
    assertThat(Files.readAllLines(folder.resolve("log.1")), hasSize(3));
  }

  @Test
  void givenAFileThatSomebodyMovedAway_thenTheNextRotationMakesOne() throws IOException {
    Path file = folder.resolve("log");
    try (AccessLog log = AccessLog.to(file, 1)) {
      log.write(LINE);
      Files.move(file, folder.resolve("taken"));
      log.write(LINE);
    }
    assertThat(Files.readAllLines(file), hasSize(1));
    assertThat(Files.exists(folder.resolve("log.1")), is(false));
    assertThat(Files.size(folder.resolve("taken")), is(lessThan(2 * Files.size(file))));
  }
}
