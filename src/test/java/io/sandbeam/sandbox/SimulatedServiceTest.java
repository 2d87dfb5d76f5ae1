package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;

/** What the tests on virtual time share. Each of them ends with nothing alive. */
abstract class SimulatedServiceTest {
  static final SandboxDefaults TAGGED = SandboxDefaults.builder().tags("job.a").build();

  final VirtualTime time = new VirtualTime(42);
  final FaultySandboxService service = FaultySandboxService.on(time);

  @AfterEach
  void nothingIsLeft() {
    assertThat(service.live(), is(empty()));
  }

  Sandbox lazy() {
    return Sandbox.owned(service, TAGGED, time);
  }

  /** Lets time pass until the future has ended, an hour at most. */
  <T> T await(CompletableFuture<T> future) {
    return time.until(future, Duration.ofHours(1)).join();
  }

  <T> SandboxException failureOf(CompletableFuture<T> future) {
    CompletionException thrown = assertThrows(CompletionException.class, () -> await(future));
    return (SandboxException) thrown.getCause();
  }

  static SandboxUnavailableException unavailable(Effect effect) {
    return new SandboxUnavailableException("Simulated: 503", null, effect, null);
  }

  static SandboxUnavailableException unavailable(Duration retryAfter) {
    return new SandboxUnavailableException("Simulated: 503", null, Effect.NONE, retryAfter);
  }
}
