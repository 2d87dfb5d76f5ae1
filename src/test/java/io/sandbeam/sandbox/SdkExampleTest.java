package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.OnFailure;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the documentation shows, on real sandboxes of this machine. */
@Timeout(120)
class SdkExampleTest {
  private final String job = "sdk-" + UUID.randomUUID().toString().substring(0, 8);
  private final SandboxService service = SandboxServices.open("local");
  private final SandboxDefaults defaults =
      SandboxDefaults.builder()
          .tags(List.of(Tag.job(job)))
          .maxLifetime(Duration.ofMinutes(10))
          .build();

  @AfterEach
  void nothingIsLeft() {
    SweepReport report = Sweep.of(service).job(job).quietTime(Duration.ZERO).run().join();
    service.close();
    assertThat(report.line(), report.outcome(), is(SweepReport.Outcome.EMPTY));
    assertThat(report.line(), report.found(), is(0));
  }

  @Test
  void givenASession_thenItsSandboxesAreGoneWhenItCloses() {
    try (Session session = Session.open(service, defaults)) {
      Sandbox sandbox = session.sandbox(); // nothing is created yet
      ExecResult hello = sandbox.exec("echo", "hello").join(); // created, run
      assertThat(hello.stdoutUtf8(), is("hello\n"));
      assertThat(session.sandboxCount(), is(1));
    } // gone, or this throws
    assertThat(Sandboxes.list(service, Set.of(Tag.job(job))).join(), hasSize(0));
  }

  @Test
  void givenARun_thenTheSandboxIsGoneWhenTheBlockEnds() {
    String id;
    try (Sandbox sandbox = Sandbox.run(service, defaults)) {
      id = sandbox.id().orElseThrow();
      sandbox.writeFile("/workspace/in", "42".getBytes(StandardCharsets.UTF_8)).join();
      assertThat(sandbox.exec("cat", "in").join().stdoutUtf8(), is("42"));
      assertThat(
          new String(sandbox.readFile("/workspace/in").join(), StandardCharsets.UTF_8), is("42"));
    }
    assertThat(service.get(id).join().isTerminal(), is(true));
  }

  @Test
  void givenACheckedCommandThatFails_thenTheWholeResultIsThrown() {
    try (Sandbox sandbox = Sandbox.run(service, defaults)) {
      ExecRequest request =
          ExecRequest.builder("sh", "-c", "echo boom >&2; exit 3").check(OnFailure.THROW).build();

      Exception failure =
          assertThrows(CompletionException.class, () -> sandbox.exec(request).join());

      assertThat(failure.getMessage(), containsString("exit code 3: boom"));
    }
  }

  @Test
  void givenSandboxesOfAnotherSession_thenTheyCanBeAdoptedAndStopped() {
    Sandbox other = Sandbox.run(service, defaults);
    try (Session session = Session.open(service, defaults)) {
      session.list().join().forEach(session::adopt);
      assertThat(session.sandboxCount(), is(1));
    }
    assertThat(other.stop().join().sandbox().isPresent(), is(true));
    assertThat(service.get(other.id().orElseThrow()).join().isTerminal(), is(true));
  }

  @Test
  void givenASnapshotOnStop_thenANewSandboxStartsFromIt() {
    Sandbox first = Sandbox.run(service, defaults);
    first.writeFile("/workspace/kept", new byte[] {7}).join();
    StopResult stopped =
        first.stop(StopOptions.DEFAULT.withSnapshotOnStop(SnapshotOnStop.YES)).join();
    String snapshot = stopped.snapshotIds().get(0);

    try (Sandbox second =
        Sandbox.run(service, defaults.toBuilder().restoreFrom(snapshot).build())) {
      assertThat(second.readFile("/workspace/kept").join(), is(new byte[] {7}));
    }
    service.deleteSnapshot(snapshot, io.sandbeam.service.MissingOk.YES).join();
  }

  @Test
  void givenManyShortSandboxes_thenWaitingForTheirEndCostsMilliseconds() {
    Duration fastest = Duration.ofDays(1);
    for (int i = 0; i < 10; i++) {
      Sandbox sandbox = Sandbox.run(service, defaults);
      long before = System.nanoTime();
      sandbox.close();
      Duration took = Duration.ofNanos(System.nanoTime() - before);
      fastest = took.compareTo(fastest) < 0 ? took : fastest;
    }
    assertThat(fastest, is(lessThan(Duration.ofMillis(150))));
  }

  @Test
  void givenLeftovers_thenASweepOfTheJobEndsThem() {
    Sandbox.run(service, defaults);
    Sandbox.run(service, defaults);

    SweepReport report = Sweep.of(service).job(job).run().join();

    assertThat(report.line(), containsString("2 swept, 0 left (proven empty, "));
  }
}
