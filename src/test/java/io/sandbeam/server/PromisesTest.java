package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.testing.FaultySandboxService;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A create that ends in the moment in which its caller would be told that it takes longer. */
class PromisesTest {
  private static final SandboxSpec SPEC = SandboxSpec.builder().tags("a").build();
  private static final RequestId REQUEST = new RequestId("r");
  private static final Clock CLOCK = Clock.systemUTC();

  private final FaultySandboxService service = FaultySandboxService.inMemory().idsByRequest();
  private final Ledger ledger = Ledger.inMemory(CLOCK);
  private final ManualTimer timer = new ManualTimer();
  private final Promises promises = new Promises(service, ledger, CLOCK, timer);
  private final CompletableFuture<SandboxInfo> made = new CompletableFuture<>();

  /** Its tasks have begun, so that cancelling them comes too late, and go on when told to. */
  private static final class ManualTimer extends ScheduledThreadPoolExecutor {
    private final List<Runnable> begun = new ArrayList<>();

    ManualTimer() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      begun.add(task);
      return super.schedule(() -> {}, delay, unit);
    }

    void goOn() {
      assertThat(begun, hasSize(1));
      begun.get(0).run();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    timer.shutdownNow();
    assertThat(service.live(), is(empty()));
    service.close();
  }

  private CompletableFuture<SandboxInfo> answer() {
    return promises.answer(
        made, REQUEST, new Origin("alice", Optional.of("key"), "print", Optional.empty()), SPEC);
  }

  private List<LedgerEntry> records() {
    return ledger.after(0, entry -> true, 10);
  }

  @Test
  void givenACreateThatHasJustFailed_thenThereIsNoRecordOfASandboxThatNobodyWasToldOf() {
    CompletableFuture<SandboxInfo> answer = answer();
    made.completeExceptionally(new SandboxValidationException("image", "no such image"));

    timer.goOn();

    assertThat(answer.isCompletedExceptionally(), is(true));
    assertThat(records(), is(empty()));
    assertThat("its request is free", ledger.byRequest("key").isPresent(), is(false));
  }

  @Test
  void givenACreateThatIsNotDone_thenItsCallerIsToldOfASandboxThatIsCreating() {
    CompletableFuture<SandboxInfo> answer = answer();

    timer.goOn();

    assertThat(answer.join().state(), is(SandboxState.CREATING));
    assertThat(promises.tagged(Set.of()), hasSize(1));
    made.completeExceptionally(new SandboxValidationException("image", "no such image"));
    assertThat(promises.tagged(Set.of()), is(empty()));
    assertThat(records().get(0).info().state(), is(SandboxState.FAILED));
  }
}
