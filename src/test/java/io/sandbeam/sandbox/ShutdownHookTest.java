package io.sandbeam.sandbox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an ending JVM does, seen from outside: real processes and real signals. */
@Timeout(60)
class ShutdownHookTest {
  @TempDir Path folder;
  private Process child;
  private BufferedReader output;
  private Path log;

  @AfterEach
  void endTheChild() {
    if (child != null) {
      child.destroyForcibly();
    }
  }

  @Test
  void givenOneInterrupt_thenAllSandboxesAreStoppedAndTheStatusIs130() throws Exception {
    start("wait", "fine");
    signal("INT");

    assertThat(status(), is(130));
    assertThat(deletes(), is(3));
  }

  @Test
  void givenATermination_thenAllSandboxesAreStoppedAndTheStatusIs143() throws Exception {
    start("wait", "fine");
    signal("TERM");

    assertThat(status(), is(143));
    assertThat(deletes(), is(3));
  }

  @Test
  void givenAnExit_thenAllSandboxesAreStoppedAndItsStatusIsKept() throws Exception {
    start("exit", "fine");

    assertThat(status(), is(7));
    assertThat(deletes(), is(3));
  }

  @Test
  void givenAMainThatReturns_thenAllSandboxesAreStopped() throws Exception {
    start("return", "fine");

    assertThat(status(), is(0));
    assertThat(deletes(), is(3));
  }

  @Test
  void givenASecondInterrupt_thenItExitsAtOnce() throws Exception {
    start("wait", "stuck");
    signal("INT");
    assertThat(output.readLine(), is("delete"));
    long second = System.nanoTime();
    signal("INT");

    assertThat(status(), is(130));
    assertThat(since(second), is(lessThan(Duration.ofSeconds(5))));
  }

  @Test
  void givenSandboxesThatDoNotEnd_thenItWaitsForTheDeadlineAndNamesThem() throws Exception {
    start("wait", "stuck");
    long before = System.nanoTime();
    signal("TERM");

    assertThat(status(), is(143));
    assertThat(since(before), is(greaterThanOrEqualTo(ShutdownHook.DEADLINE)));
    assertThat(since(before), is(lessThan(ShutdownHook.DEADLINE.plusSeconds(5))));
    assertThat(Files.readString(log), containsString("Not stopped within 10.0 s: "));
  }

  @Test
  void givenItIsSwitchedOff_thenNothingIsStopped() throws Exception {
    start("wait", "fine", "-Dsandbeam.disableShutdownHook=true");
    signal("INT");

    assertThat(status(), is(130));
    assertThat(deletes(), is(0));
  }

  @Test
  void givenTheFirstAndTheLastSandbox_thenItIsInstalledInBetweenOnly() {
    FaultySandboxService service = FaultySandboxService.inMemory();
    assertThat(ShutdownHook.isInstalled(), is(false));
    try (Session session = Session.open(service, SandboxDefaults.none())) {
      Sandbox sandbox = session.sandbox();
      assertThat(ShutdownHook.isInstalled(), is(false));
      sandbox.start().join();
      assertThat(ShutdownHook.isInstalled(), is(true));
      sandbox.close();
      assertThat(ShutdownHook.isInstalled(), is(false));
    }
    assertThat(service.live().size(), is(0));
  }

  @Test
  void givenACreateThatIsRefused_thenNothingIsOwned() {
    FaultySandboxService service = FaultySandboxService.inMemory().images("known");
    SandboxDefaults unknown = SandboxDefaults.builder().image("unknown").build();

    assertThrows(SandboxException.class, () -> Sandbox.run(service, unknown));

    assertThat(ShutdownHook.isInstalled(), is(false));
    assertThat(ShutdownHook.ownedCount(), is(0));
  }

  @Test
  void givenItIsDisabledInBetween_thenItIsRemovedAndComesBack() {
    FaultySandboxService service = FaultySandboxService.inMemory();
    try (Sandbox sandbox = Sandbox.run(service, SandboxDefaults.none())) {
      ShutdownHook.disable();
      assertThat(ShutdownHook.isInstalled(), is(false));
      ShutdownHook.enable();
      assertThat(ShutdownHook.isInstalled(), is(true));
      assertThat(sandbox.id().isPresent(), is(true));
    }
    assertThat(ShutdownHook.isInstalled(), is(not(true)));
  }

  private void start(String end, String sandboxes, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    // A shell that runs in the background starts its children with SIGINT ignored.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ShutdownHookChild.class.getName(), end, sandboxes));
    log = folder.resolve("log");
    child = new ProcessBuilder(command).redirectError(log.toFile()).start();
    output =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    assertThat(String.valueOf(output.readLine()), containsString("ready"));
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(child.pid())).start();
    assertThat(kill.waitFor(), is(0));
  }

  private int status() throws InterruptedException {
    assertThat("the child ends", child.waitFor(30, TimeUnit.SECONDS), is(true));
    return child.exitValue();
  }

  private int deletes() {
    return (int) output.lines().filter("delete"::equals).count();
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }
}
