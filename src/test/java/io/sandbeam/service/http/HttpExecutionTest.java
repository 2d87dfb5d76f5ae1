package io.sandbeam.service.http;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.CommandTimeoutException;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.testing.FaultySandboxService;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a command whose answer is late, refused, or a time limit. */
class HttpExecutionTest {
  private static final Duration WAY = Duration.ofMillis(700);

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final FaultySandboxService world = FaultySandboxService.inMemory();
  private final ForeignServer server = new ForeignServer(world);
  private final HttpSettings settings = HttpSettings.of(ServiceConfig.of(server.url()), Map.of());
  private final Transport transport = new Transport(settings, Connections.client(settings));
  private final Commands commands =
      new Commands(
          settings,
          transport,
          new Repeating(timer, new Throttle(), settings.retryBudget(), settings.quotaBudget()),
          WAY);
  private String sandbox;

  @BeforeEach
  void makeSandbox() {
    sandbox =
        world.create(SandboxSpec.builder().tags("exec").build(), RequestId.mint()).join().id();
  }

  @AfterEach
  void nothingIsOpen() {
    await().until(transport::open, everyItem(is(0)));
    transport.close();
    timer.shutdownNow();
    server.close();
  }

  private List<String> words(int request) {
    return ((V1.ExecRequest) ForeignServer.body(ApiMethod.EXEC, server.requests().get(request)))
        .command();
  }

  @Test
  void givenAnAnswerThatIsLate_whenTheDeadlineIsOver_thenTheCommandIsKilledAndNotRunAgain() {
    server.next(Fault.SLOW_DRIP);
    Duration limit = Duration.ofMillis(300);
    long start = System.nanoTime();

    CompletableFuture<ExecResult> call =
        commands.exec(sandbox, ExecRequest.builder("sleep", "9").timeout(limit).build());
    Throwable failure = assertThrows(CompletionException.class, call::join).getCause();

    assertThat(failure, is(instanceOf(SandboxTimeoutException.class)));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(took, is(greaterThanOrEqualTo(limit.plus(WAY))));
    await().until(server::requests, hasSize(2));
    assertThat(words(1).get(3), is("sandbeam-kill"));
    assertThat("the same run", words(1).get(4), is(words(0).get(4)));
  }

  @Test
  void givenACommandThatMetTheServersOwnLimit_thenItTimedOutAndIsNotRunAgain() {
    world.answering(
        request -> {
          throw new CommandTimeoutException("an hour is the most");
        });

    ExecResult result = commands.exec(sandbox, ExecRequest.of("sleep", "9")).join();

    assertThat(result.outcome(), is(ExecOutcome.TIMED_OUT));
    assertThat(server.requests(), hasSize(1));
  }

  @Test
  void givenACommandThatIsHeldBackByAQuota_thenItsTimeBeginsWhenItIsSent() {
    server.next(Fault.EXHAUSTED_WITH_HINT);
    Instant asked = Instant.now();

    ExecResult result = commands.exec(sandbox, ExecRequest.of("true")).join();

    assertThat(result.startedAt(), is(greaterThanOrEqualTo(asked.plusMillis(300))));
  }

  @Test
  void givenAnExhaustedAnswerThatIsNoQuotas_thenTheCommandIsNotRunAgain() {
    world.answering(
        request -> {
          throw new SandboxResourceExhaustedException(
              "grpc: received message larger than max (5242880 vs. 4194304)", null, null);
        });

    CompletableFuture<ExecResult> call = commands.exec(sandbox, ExecRequest.of("true"));

    SandboxException failure =
        (SandboxException) assertThrows(CompletionException.class, call::join).getCause();
    assertThat(failure.effect(), is(Effect.UNKNOWN));
    assertThat(server.requests(), hasSize(1));
  }

  @Test
  void givenALongWaitForQuotas_thenTheCallerIsAsPatientAsTheClient() {
    try (HttpSandboxService client = new HttpSandboxService(settings)) {
      Duration limit = Duration.ofMinutes(2);
      ExecRequest plain = ExecRequest.builder("true").timeout(limit).build();
      ExecRequest fed = ExecRequest.builder("cat").stdin(new byte[1]).timeout(limit).build();

      assertThat(
          client.longestExec(plain), is(greaterThanOrEqualTo(settings.quotaBudget().plus(limit))));
      assertThat(
          client.longestExec(fed),
          is(greaterThanOrEqualTo(client.longestExec(plain).plus(FileCalls.DEADLINE))));
      assertThat(
          client.longestFileCall(),
          is(greaterThanOrEqualTo(settings.quotaBudget().plus(FileCalls.DEADLINE))));
    }
  }
}
