package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service and a worker whose clocks tell different days: only lengths of time count. */
class ClockSkewTest {
  private static final Duration LIFETIME = Duration.ofMinutes(10);

  private final VirtualTime time = new VirtualTime(7);

  /** A clock that is wrong and goes at the right speed. */
  private record Skewed(Timing right, Duration by) implements Timing {

    @Override
    public Instant now() {
      return right.now().plus(by);
    }

    @Override
    public Duration elapsed() {
      return right.elapsed();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return right.schedule(delay, task);
    }

    @Override
    public RandomGenerator random() {
      return right.random();
    }
  }

  private <T> T await(CompletableFuture<T> future) {
    return time.until(future, Duration.ofHours(1)).join();
  }

  @ParameterizedTest
  @ValueSource(ints = {-24, 24})
  void s10_givenAServiceOfAnotherDay_thenLifetimesAreAsLongAsAskedForAndASweepProvesZero(
      int hours) {
    FaultySandboxService service =
        FaultySandboxService.on(new Skewed(time, Duration.ofHours(hours)));
    SandboxDefaults defaults =
        SandboxDefaults.builder().tags("job.a").maxLifetime(LIFETIME).build();
    Session session = Session.open(service, defaults, time);

    assertThat(await(session.sandbox().exec("true")).succeeded(), is(true));
    time.advance(LIFETIME.minusMinutes(1));
    assertThat("not before its time", service.live(), hasSize(1));
    assertThat(await(session.sandbox().exec("true")).succeeded(), is(true));
    time.advance(Duration.ofMinutes(1));
    assertThat("not after it", service.live(), hasSize(1));

    SweepReport report = await(Sweep.of(service).timing(time).job("a").run());

    assertThat(report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
    assertThat(report.deleted(), is(1));
    assertThat(service.live(), is(empty()));
    await(session.closeAsync());
  }
}
