package io.sandbeam.service.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The line before one place, by a clock that the test moves. */
class CreateGateLineTest {
  private static final Duration LIFETIME = Duration.ofHours(2);

  private final ManualTimer timer = new ManualTimer();
  private final Throttle throttle = new Throttle();
  private final CreateGate gate =
      new CreateGate(
          HttpSettings.of(
              ServiceConfig.of("http://127.0.0.1:1").withSetting("maxSandboxes", "1"), Map.of()),
          timer,
          throttle,
          timer::nanos);
  private final List<String> created = new ArrayList<>();

  @AfterEach
  void endTimer() {
    timer.shutdownNow();
  }

  private List<CompletableFuture<SandboxInfo>> create(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> gate.pass("request-" + i, LIFETIME, () -> made("sandbox-" + i)))
        .toList();
  }

  private CompletableFuture<SandboxInfo> made(String id) {
    created.add(id);
    SandboxSpec spec = SandboxSpec.builder().tags("gate").maxLifetime(LIFETIME).build();
    return CompletableFuture.completedFuture(
        new SandboxInfo(
            id,
            spec,
            SandboxState.RUNNING,
            "",
            Instant.EPOCH,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            LIFETIME,
            "",
            Map.of()));
  }

  private void pass(Duration time) {
    timer.advance(time);
    timer.run();
  }

  @Test
  void givenPlacesThatGoRound_whenTheLineIsLongerThanABudget_thenAllHaveTheirTurnInOrder() {
    List<CompletableFuture<SandboxInfo>> calls = create(5);

    for (int i = 0; i < 5; i++) {
      pass(Duration.ofMinutes(20));
      gate.ended("sandbox-" + i);
    }

    calls.forEach(CompletableFuture::join);
    assertThat(created, contains("sandbox-0", "sandbox-1", "sandbox-2", "sandbox-3", "sandbox-4"));
    assertThat(throttle.total(), is(Duration.ofMinutes(20 + 40 + 60 + 80)));
  }

  @Test
  void givenPlacesThatDoNotGoRound_whenABudgetIsOver_thenTheOldestGivesUp() {
    List<CompletableFuture<SandboxInfo>> calls = create(2);

    pass(Duration.ofMinutes(31));

    Throwable failure = assertThrows(CompletionException.class, calls.get(1)::join).getCause();
    assertThat(failure, is(instanceOf(SandboxResourceExhaustedException.class)));
  }

  @Test
  void givenALine_whenItsLengthIsAsked_thenTheCallerIsAsPatientAsTheGate() {
    List<CompletableFuture<SandboxInfo>> calls = create(5);

    Duration patience = gate.longestWait();
    CompletableFuture<SandboxInfo> last = gate.pass("last", LIFETIME, () -> made("last"));
    Duration waited = Duration.ZERO;
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofMinutes(29));
      waited = waited.plusMinutes(29);
      gate.ended("sandbox-" + i);
    }

    assertThat(last.join().id(), is("last"));
    assertThat(calls.stream().allMatch(CompletableFuture::isDone), is(true));
    assertThat(patience, is(greaterThanOrEqualTo(waited)));
  }
}
