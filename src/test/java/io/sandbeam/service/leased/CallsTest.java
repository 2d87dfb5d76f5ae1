package io.sandbeam.service.leased;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallsTest {
  private static final CallFailures FAILURES = new CallFailures("test");

  private final Calls calls = new Calls(FAILURES, Runnable::run);

  private static String failure(CompletableFuture<?> answer) {
    CompletionException failure = assertThrows(CompletionException.class, answer::join);
    assertThat(failure.getCause() instanceof SandboxException, is(true));
    return failure.getCause().getMessage();
  }

  @Test
  void givenWorkersThatTakeNoMore_thenTheCallFailsAndDoesNotThrow() {
    Calls over =
        new Calls(
            FAILURES,
            task -> {
              throw new RejectedExecutionException("closed");
            });

    assertThat(failure(over.call(() -> "never")), is("The test service is closed: open another"));
  }

  @Test
  void givenAClose_thenNothingIsCalledAnyMore() {
    calls.close();

    assertThat(
        failure(calls.now(() -> Calls.Work.of(CompletableFuture.completedFuture("never")))),
        is("The test service is closed: open another"));
  }

  @Test
  void givenWorkThatFailsInItsOwnWay_thenTheAnswerFailsInOurs() {
    assertThat(
        failure(
            calls.call(
                () -> {
                  throw new IOException("full");
                })),
        is("The test service failed: java.io.IOException: full"));
  }

  @Test
  void givenAnAnswerThatIsCancelled_thenItsWorkIsToo() {
    AtomicInteger cancelled = new AtomicInteger();
    CompletableFuture<String> answer =
        calls.start(() -> new Calls.Work<>(new CompletableFuture<>(), cancelled::incrementAndGet));

    answer.cancel(false);

    assertThat(cancelled.get(), is(1));
  }
}
