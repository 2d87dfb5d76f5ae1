package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.both;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.sameInstance;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** How failed calls are tried again, and when not. */
class RetryTest {
  private final VirtualTime time = new VirtualTime(7);
  private final Retry retry = new Retry(time);
  private final List<Duration> calls = new ArrayList<>();

  private SandboxException failureOf(CompletableFuture<String> future) {
    CompletableFuture<String> ended = time.until(future, Duration.ofHours(1));
    return (SandboxException) assertThrows(CompletionException.class, ended::join).getCause();
  }

  private CompletableFuture<String> failing(RuntimeException failure) {
    calls.add(time.elapsed());
    return CompletableFuture.failedFuture(failure);
  }

  private static SandboxUnavailableException unavailable() {
    return new SandboxUnavailableException("down", null, Effect.NONE, null);
  }

  @Test
  void givenRetryableFailures_thenDelaysGrowWithJitterUntilTheBudgetIsUsedUp() {
    SandboxException failure =
        failureOf(retry.run(RetryPolicy.CALLS, "do it", () -> failing(unavailable())));

    assertThat(time.elapsed(), is(Duration.ofSeconds(30)));
    for (int i = 1; i < calls.size() - 1; i++) {
      long delay = calls.get(i).minus(calls.get(i - 1)).toMillis();
      long whole = Math.min(5_000, 200L << (i - 1));
      assertThat(delay, is(both(greaterThanOrEqualTo(whole / 2)).and(lessThanOrEqualTo(whole))));
    }
    assertThat(
        failure.getMessage(),
        is(
            "Could not do it: gave up after "
                + calls.size()
                + " tries in 30.0 s; the last one: down"));
  }

  @Test
  void givenAFailureThatIsNotRetryable_thenItStandsAsItIs() {
    SandboxException refused = new SandboxException("no");

    assertThat(
        failureOf(retry.run(RetryPolicy.CALLS, "do it", () -> failing(refused))),
        is(sameInstance(refused)));
    assertThat(calls.size(), is(1));
  }

  @Test
  void givenAServiceThatThrowsOrBreaksTheContract_thenTheEffectIsUnknown() {
    SandboxException failure =
        failureOf(
            retry.run(
                RetryPolicy.CALLS.withBudget(Duration.ZERO),
                "do it",
                () -> {
                  throw new IllegalStateException("a bug");
                }));

    assertThat(failure.effect(), is(Effect.UNKNOWN));
    assertThat(failure.getMessage(), containsString("a bug"));
  }

  @Test
  void givenSilence_thenTheCallTimesOut() {
    SandboxException failure =
        failureOf(
            retry.once(Duration.ofSeconds(9), "wait for godot", () -> new CompletableFuture<>()));

    assertThat(failure, is(instanceOf(SandboxTimeoutException.class)));
    assertThat(failure.getMessage(), is("No answer within 9.0 s to: wait for godot"));
    assertThat(time.elapsed(), is(Duration.ofSeconds(9)));
  }

  @Test
  void givenManyStepsThatCompleteAtOnce_thenTheStackStaysFlat() {
    int[] left = {1_000_000};

    AsyncLoop.whileTrue(() -> CompletableFuture.completedFuture(--left[0] > 0)).join();

    assertThat(left[0], is(0));
  }

  @Test
  void givenAParallelLoop_thenNoMoreThanAllowedAreInFlightAndAllAreVisited() {
    List<Integer> inFlight = new ArrayList<>();
    int[] now = {0};
    int[] visited = {0};
    CompletableFuture<Void> loop =
        AsyncLoop.forEach(
            java.util.stream.IntStream.range(0, 100).iterator(),
            7,
            item -> {
              inFlight.add(++now[0]);
              return Delay.of(time, Duration.ofMillis(10 + item % 3))
                  .thenRun(
                      () -> {
                        now[0]--;
                        visited[0]++;
                      });
            });

    time.until(loop, Duration.ofMinutes(1)).join();

    assertThat(visited[0], is(100));
    assertThat(inFlight, everyItem(is(lessThanOrEqualTo(7))));
  }
}
