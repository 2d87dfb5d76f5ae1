package io.sandbeam.chaos;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That no end waits for another, or is skipped for its failure, whatever kind that is. */
@Timeout(30)
class AllAtOnceTest {
  @Test
  void givenEndsThatFailOrHang_thenTheOthersAreDoneAndEachFailureIsTold() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();

    List<Throwable> failures =
        AllAtOnce.run(
            List.of(
                never::await,
                () -> {
                  throw new AssertionError("the script ended with 1");
                },
                () -> {
                  throw new IOException("no such socket");
                },
                done::incrementAndGet),
            Duration.ofMillis(300));

    assertThat(done.get(), is(1));
    assertThat(
        failures,
        contains(
            instanceOf(IllegalStateException.class),
            instanceOf(AssertionError.class),
            instanceOf(IOException.class)));
  }
}
