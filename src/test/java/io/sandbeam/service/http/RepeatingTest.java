package io.sandbeam.service.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When a call is tried again, by a timer that the test runs. */
class RepeatingTest {
  private final ManualTimer timer = new ManualTimer();
  private final Throttle throttle = new Throttle();
  private final Repeating repeating =
      new Repeating(timer, throttle, Duration.ofMinutes(1), Duration.ofMinutes(30));

  @AfterEach
  void endTimer() {
    timer.shutdownNow();
  }

  private Duration waitAfter(SandboxException failure) {
    CompletableFuture<String> unused =
        repeating.run(
            "call", Repeating.Safety.REPEATABLE, () -> CompletableFuture.failedFuture(failure));
    return timer.delays().get(0);
  }

  private static Matcher<Duration> between(Duration least, Duration most) {
    return allOf(is(greaterThanOrEqualTo(least)), is(lessThanOrEqualTo(most)));
  }

  static Stream<SandboxException> failuresWithAHintOfAnHour() {
    Duration hour = Duration.ofHours(1);
    return Stream.of(
        new SandboxResourceExhaustedException("quota", null, hour),
        new SandboxUnavailableException("down", null, Effect.UNKNOWN, hour),
        new SandboxSnapshotException(
            SandboxSnapshotException.Reason.THROTTLED, "busy", null, hour));
  }

  @ParameterizedTest
  @MethodSource("failuresWithAHintOfAnHour")
  void givenAHintOfAnHour_thenTheNextTryIsAfterTenSecondsAndATenthAtMost(SandboxException failure) {
    assertThat(waitAfter(failure), is(between(Duration.ofSeconds(10), Duration.ofSeconds(11))));
  }

  @Test
  void givenAHintOfSeconds_thenTheNextTryIsNotBefore() {
    SandboxException failure =
        new SandboxResourceExhaustedException("quota", null, Duration.ofSeconds(3));

    assertThat(waitAfter(failure), is(between(Duration.ofSeconds(3), Duration.ofMillis(3300))));
    assertThat(throttle.total(), is(timer.delays().get(0)));
  }

  @Test
  void givenNoHint_thenTheNextTryIsSoonAndNotAtOnce() {
    SandboxException failure = new SandboxUnavailableException("down", null, Effect.UNKNOWN, null);

    assertThat(waitAfter(failure), is(between(Duration.ofMillis(200), Duration.ofSeconds(2))));
  }

  @Test
  void givenACallThatWaitsForItsNextTry_whenTheClientIsClosed_thenItFailsWithItsLastFailure() {
    SandboxException failure = new SandboxUnavailableException("down", null, Effect.UNKNOWN, null);
    CompletableFuture<String> call =
        repeating.run(
            "call", Repeating.Safety.REPEATABLE, () -> CompletableFuture.failedFuture(failure));
    assertThat(call.isDone(), is(false));

    timer.shutdownNow();
    repeating.close();

    assertThat(assertThrows(CompletionException.class, call::join).getCause(), is(failure));
  }
}
