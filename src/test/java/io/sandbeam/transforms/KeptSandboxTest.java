package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sandboxes that end while they wait for their command: a command that has one attempt runs. */
class KeptSandboxTest {
  private static final int WARM = 3;

  private final VirtualTime time = new VirtualTime(42);
  private final FaultySandboxService service = FaultySandboxService.on(time);
  private final List<String> notRun = new ArrayList<>();
  private final List<Integer> ran = new ArrayList<>();
  private SimulatedStep step;

  @AfterEach
  void nothingIsLeft() {
    time.until(step.close(), Duration.ofHours(1)).join();
    assertThat(service.live(), is(empty()));
  }

  private void open(Isolation isolation) {
    SimulatedStep.Settings settings =
        new SimulatedStep.Settings(
            "job-a", "step", isolation.name(), 2, WARM, 1, Duration.ofSeconds(10));
    step = new SimulatedStep(settings, "worker-a", time, service, 1);
  }

  private void run(int element) {
    SimulatedBundle bundle = step.bundle();
    SimulatedBundle.Outcomes outcomes =
        new SimulatedBundle.Outcomes() {
          @Override
          public void ran(int one) {
            ran.add(one);
          }

          @Override
          public void notRun(int one, String why) {
            notRun.add(why);
          }
        };
    bundle.submit(step, element, outcomes);
    for (int i = 0; i < 100 && !bundle.isFinished(outcomes); i++) {
      time.advance(Duration.ofMillis(100));
    }
  }

  private void crashAll() {
    for (SandboxInfo info : service.live()) {
      service.crash(info.id(), "the connection to its engine was lost");
    }
  }

  @Test
  void givenWarmSandboxesThatAreAllDead_thenTheNextCommandRunsInANewOne() {
    open(Isolation.ELEMENT);
    run(1);
    assertThat(service.live(), hasSize(WARM));

    crashAll();
    run(2);

    assertThat(notRun, is(empty()));
    assertThat(ran, is(List.of(1, 2)));
    assertThat("others are made ahead", service.live(), hasSize(WARM));
  }

  @Test
  void givenIdleSandboxOfAPoolThatIsDead_thenTheNextCommandRunsInANewOne() {
    open(Isolation.WORKER);
    run(1);
    assertThat(service.live(), hasSize(1));

    crashAll();
    time.advance(Duration.ofSeconds(10));
    run(2);

    assertThat(notRun, is(empty()));
    assertThat(ran, is(List.of(1, 2)));
    assertThat(service.live(), hasSize(1));
  }

  @Test
  void givenServiceThatCannotTell_thenTheSandboxIsUsed() {
    open(Isolation.ELEMENT);
    run(1);
    int gets = service.calls(Operation.GET).size();

    service.failNext(
        Operation.GET, 1, () -> new SandboxAuthenticationException("it may not look", null));
    run(2);

    assertThat(service.calls(Operation.GET).size(), is(not(gets)));
    assertThat(notRun, is(empty()));
    assertThat(ran, is(List.of(1, 2)));
  }
}
