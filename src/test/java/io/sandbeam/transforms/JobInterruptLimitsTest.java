package io.sandbeam.transforms;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.transforms.JobInterrupt.Limits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.metrics.MetricResults;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an ending JVM waits for, and for how long: the test is its shutdown. */
@Timeout(60)
class JobInterruptLimitsTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final FaultySandboxService service = FaultySandboxService.inMemory();
  private final CountDownLatch jobEnds = new CountDownLatch(1);
  private final CountDownLatch sweepEnds = new CountDownLatch(1);
  private final CompletableFuture<JobInterrupt> started = new CompletableFuture<>();
  private final CompletableFuture<Boolean> wokenUp = new CompletableFuture<>();
  private final JobResult end =
      new JobResult("job", "", PipelineResult.State.CANCELLED, null, null);

  @AfterEach
  void close() {
    jobEnds.countDown();
    sweepEnds.countDown();
    service.close();
  }

  /** What the launcher's thread does. */
  private void launch(Limits limits, PipelineResult running) {
    Runnable job =
        () -> {
          try (SharedServices.Held held = SharedServices.alone(service.client());
              JobInterrupt interrupt = new JobInterrupt("job", "sweep", held, limits)) {
            interrupt.started(running);
            started.complete(interrupt);
            wokenUp.complete(isInterruptedBeforeTheEnd());
            interrupt.over();
            sweepEnds.await();
            interrupt.finished(end);
          } catch (InterruptedException e) {
            throw new AssertionError("The sweep was disturbed", e);
          }
        };
    Worker.daemon(job, "launcher").start();
  }

  private boolean isInterruptedBeforeTheEnd() {
    try {
      jobEnds.await();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private CompletableFuture<Optional<JobResult>> shutDown() throws Exception {
    JobInterrupt interrupt = started.get(10, TimeUnit.SECONDS);
    return CompletableFuture.supplyAsync(interrupt::endJob);
  }

  @Test
  void givenACancelThatIsNeverAnswered_thenNobodyWaitsForTheJobAndTheSweepIsAwaited()
      throws Exception {
    launch(new Limits(Duration.ofSeconds(2), SHORT, LONG), new Running(new CountDownLatch(1)));

    CompletableFuture<Optional<JobResult>> ended = shutDown();

    assertThat(wokenUp.get(20, TimeUnit.SECONDS), is(true));
    assertThat(ended.isDone(), is(false));
    sweepEnds.countDown();
    assertThat(ended.get(20, TimeUnit.SECONDS), is(Optional.of(end)));
  }

  @Test
  void givenAJobThatTakesLongToEnd_thenItsSweepHasAllItsTime() throws Exception {
    Duration sweep = Duration.ofSeconds(2);
    launch(new Limits(LONG, LONG, sweep), new Running(new CountDownLatch(0)));
    long signal = System.nanoTime();

    CompletableFuture<Optional<JobResult>> ended = shutDown();
    await().until(() -> System.nanoTime() - signal > sweep.plusSeconds(1).toNanos());
    assertThat(ended.isDone(), is(false));
    sweepEnds.countDown();
    jobEnds.countDown();

    assertThat(ended.get(20, TimeUnit.SECONDS), is(Optional.of(end)));
    assertThat(wokenUp.join(), is(false));
  }

  @Test
  void givenASweepThatDoesNotEnd_thenTheJvmDoesAllTheSame() throws Exception {
    launch(new Limits(SHORT, LONG, SHORT), new Running(new CountDownLatch(0)));
    jobEnds.countDown();

    assertThat(shutDown().get(20, TimeUnit.SECONDS), is(Optional.empty()));
  }

  /** A job whose cancel is answered when the latch opens. */
  private record Running(CountDownLatch answer) implements PipelineResult {
    @Override
    public State cancel() {
      try {
        answer.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return State.CANCELLED;
    }

    @Override
    public State getState() {
      return State.RUNNING;
    }

    @Override
    public State waitUntilFinish(org.joda.time.Duration duration) {
      throw new UnsupportedOperationException("the launcher of this test waits for something else");
    }

    @Override
    public State waitUntilFinish() {
      return waitUntilFinish(org.joda.time.Duration.ZERO);
    }

    @Override
    public MetricResults metrics() {
      throw new UnsupportedOperationException("no metrics here");
    }
  }
}
