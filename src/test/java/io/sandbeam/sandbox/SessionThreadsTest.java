package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions under real threads and real time. */
@Timeout(60)
class SessionThreadsTest {

  @RepeatedTest(20)
  void givenThreadsThatTakeSandboxesWhileTheSessionCloses_thenNothingIsLeft() throws Exception {
    FaultySandboxService service =
        FaultySandboxService.inMemory().latency(Operation.CREATE, Duration.ofMillis(1));
    Session session = Session.open(service, SandboxDefaults.none());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    AtomicInteger refused = new AtomicInteger();
    CountDownLatch busy = new CountDownLatch(100);
    List<CompletableFuture<Void>> workers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      workers.add(
          CompletableFuture.runAsync(
              () -> {
                while (refused.get() < 8) {
                  try {
                    session.sandbox().start().join();
                    busy.countDown();
                  } catch (SandboxException | CompletionException e) {
                    refused.incrementAndGet();
                  }
                }
              },
              threads));
    }
    busy.await();

    session.close();

    CompletableFuture.allOf(workers.toArray(CompletableFuture<?>[]::new)).join();
    threads.shutdown();
    assertThat(service.live(), is(empty()));
    assertThat(session.sandboxCount(), is(0));
    assertThat(session.counts().created(), is(service.created()));
    assertThat(session.counts().live(), is(0L));
    assertThat(ShutdownHook.ownedCount(), is(0));
  }

  @Test
  void givenThreadsThatStopOneSandbox_thenItIsDeletedOnce() {
    FaultySandboxService service =
        FaultySandboxService.inMemory().stopTakes(Duration.ofMillis(300));
    Sandbox sandbox = Sandbox.run(service, SandboxDefaults.none());

    CompletableFuture<?>[] stops =
        java.util.stream.IntStream.range(0, 16)
            .mapToObj(i -> CompletableFuture.runAsync(sandbox::close))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(stops).join();

    assertThat(service.calls(Operation.DELETE).size(), is(1));
    assertThat(service.live(), is(empty()));
  }
}
