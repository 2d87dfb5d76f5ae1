package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.both;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** A rehearsal runs the SDK's path for real, and touches nothing outside this JVM. */
class RehearsalTest {
  /** Nobody answers at it, so that a call that left this JVM would fail. */
  private static final String NOWHERE = "https://sandboxes.invalid";

  private static Optional<SandboxService> rehearsal(String address) {
    return SandboxServices.provider(ServiceConfig.of(address)).rehearsal();
  }

  @Test
  void givenAnHttpService_thenCommandsRunAndEverySandboxIsStopped() {
    SandboxService service = rehearsal(NOWHERE).orElseThrow();

    SessionCounts counts = Rehearsal.rehearse(service);

    assertThat(counts.created(), is(both(greaterThan(0L)).and(lessThanOrEqualTo(300L))));
    assertThat(counts, is(new SessionCounts(counts.created(), 0, counts.created(), 0, 0, 0, 0)));
    Session after = Session.open(service, SandboxDefaults.none());
    Assertions.assertThrows(
        SandboxException.class, () -> Failures.join(after.sandbox().start()), "it is closed");
  }

  @Test
  void givenAServiceOfThisMachine_thenThereIsNothingToRehearse() {
    assertThat(rehearsal("local"), is(Optional.empty()));
  }

  @Test
  void givenAnyAddress_thenItEndsByItselfAndSaysNothing() throws InterruptedException {
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    for (String address : new String[] {NOWHERE, "local", "htp://typo", "docker:"}) {
      Thread thread = Rehearsal.start(address);
      thread.setUncaughtExceptionHandler((of, failure) -> uncaught.set(failure));

      assertThat(thread.isDaemon(), is(true));
      thread.join(Duration.ofSeconds(30).toMillis());
      assertThat(address, thread.isAlive(), is(false));
    }
    assertThat(uncaught.get(), is((Throwable) null));
    assertThat(ShutdownHook.ownedCount(), is(0));
  }
}
