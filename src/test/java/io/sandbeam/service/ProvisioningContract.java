package io.sandbeam.service;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/**
 * What a spec asks for is there when the first command runs, and the main process is the sandbox's
 * life.
 */
abstract class ProvisioningContract extends ServiceContract {
  ProvisioningContract(ControlPlaneContract suite) {
    super(suite);
  }

  @Test
  void givenEnvInSpec_whenCommandRuns_thenItSeesTheExactValues() {
    String awkward = " lead, 'single' \"double\" $HOME `x` \\ back\nnew line ü✓𝄞 =";
    String id = running(spec().env(Map.of("AWKWARD", awkward, "EMPTY", "")).build());

    assertThat(sh(id, "printf %s \"$AWKWARD\"").stdout(), is(utf8(awkward)));
    assertThat(sh(id, "printf %s \"${EMPTY-unset}\"").stdoutUtf8(), is(""));
  }

  @Test
  void givenNoWorkingDir_whenCommandRuns_thenItStartsInTheWorkspaceAndMayWriteThere() {
    String id = running();

    assertThat(sh(id, "pwd").stdoutUtf8(), is(SandboxSpec.WORKSPACE + "\n"));
    assertThat(sh(id, "echo kept > here && cat /workspace/here").stdoutUtf8(), is("kept\n"));
    assertThat(sh(id, "echo kept > /tmp/here && cat /tmp/here").stdoutUtf8(), is("kept\n"));
  }

  @Test
  void givenWorkingDir_whenCommandRuns_thenItStartsThere() {
    String id = running(spec().workingDir("/tmp").build());

    assertThat(sh(id, "pwd").stdoutUtf8(), is("/tmp\n"));
  }

  @Test
  void givenFilesInSpec_whenFirstCommandRuns_thenTheyAreThereByteForByte() {
    byte[] binary = Payloads.everyByte();
    String id =
        running(
            spec()
                .file("/workspace/a/b/c/every byte.bin", binary)
                .file("/workspace/empty", new byte[0])
                .file("/tmp/elsewhere.txt", utf8("elsewhere"))
                .build());

    assertThat(exec(id, "cat", "/workspace/a/b/c/every byte.bin").stdout(), is(binary));
    assertThat(exec(id, "cat", "/workspace/empty").stdout(), is(new byte[0]));
    assertThat(exec(id, "cat", "/tmp/elsewhere.txt").stdoutUtf8(), is("elsewhere"));
  }

  @Test
  void givenMainProcess_whenItSucceeds_thenCompletedWithItsExitCode() {
    SandboxInfo info = awaitTerminal(create(spec().command(List.of("true")).build()).id());

    assertThat(info.state(), is(SandboxState.COMPLETED));
    assertThat(info.exitCode(), is(OptionalInt.of(0)));
    assertThat(info.endTime().isPresent(), is(true));
  }

  @Test
  void givenMainProcess_whenItFails_thenFailedWithItsExitCodeAndReason() {
    SandboxSpec spec = spec().command(List.of("sh", "-c", "exit 3")).build();

    SandboxInfo info = awaitTerminal(create(spec).id());

    assertThat(info.state(), is(SandboxState.FAILED));
    assertThat(info.exitCode(), is(OptionalInt.of(3)));
    assertThat(info.stateReason(), is(not("")));
  }

  @Test
  void givenMainProcessThatDoesNotExist_whenCreated_thenFailedWithReason() {
    SandboxSpec spec = spec().command(List.of("sandbeam-no-such-program")).build();

    SandboxInfo info = awaitTerminal(create(spec).id());

    assertThat(info.state(), is(SandboxState.FAILED));
    assertThat(info.stateReason(), is(not("")));
  }

  @Test
  void givenMainProcess_whenItRuns_thenItHasEnvFilesAndDirectoryAndCommandsRunBesideIt() {
    SandboxSpec spec =
        spec()
            .env(Map.of("WORD", "from env"))
            .file("/tmp/part", utf8("from file"))
            .workingDir("/tmp")
            .command(
                List.of(
                    "sh",
                    "-c",
                    "echo \"$(pwd) $WORD $(cat part) $1\" > main; sleep 300",
                    "sh",
                    "a  b"))
            .build();
    String id = running(spec);

    eventually()
        .until(
            () -> sh(id, "cat /tmp/main 2>&1").stdoutUtf8(), is("/tmp from env from file a  b\n"));
  }

  @Test
  void givenMainProcess_whenItEndsUnderACommand_thenTheCommandFailsAsNotRunning() {
    SandboxSpec spec =
        spec()
            .command(List.of("sh", "-c", "until [ -e /workspace/end ]; do sleep 0.1; done"))
            .build();
    String id = running(spec);
    var command = service.exec(id, shell("touch /workspace/end; sleep 300").build());

    SandboxException failure = ended(command);

    assertThat(failure.retryable(), is(failure instanceof SandboxNotRunningException));
    assertThat(awaitTerminal(id).state(), is(SandboxState.COMPLETED));
  }

  @Test
  void givenSandbox_whenCommandLooksAround_thenNothingOfTheCallersEnvironmentIsThere() {
    String id = running();

    String seen = exec(id, "env").stdoutUtf8();

    System.getenv()
        .forEach(
            (name, value) -> {
              if (value.length() > 12 && !name.equals("PATH")) {
                assertThat(seen.lines().anyMatch((name + "=" + value)::equals), is(false));
              }
            });
    assertThat(seen.lines().anyMatch(line -> line.startsWith("PATH=/")), is(true));
  }
}
