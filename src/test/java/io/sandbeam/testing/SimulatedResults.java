package io.sandbeam.testing;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import java.nio.charset.StandardCharsets;

/** Results for {@link FaultySandboxService#answering}, capped as the request asks. */
public final class SimulatedResults {
  private SimulatedResults() {}

  /** It ended by itself with this exit code and standard output. */
  public static ExecResult exited(ExecRequest request, int exitCode, String stdout) {
    return SimulatedCommands.result(
        request,
        ExecOutcome.EXITED,
        exitCode,
        stdout.getBytes(StandardCharsets.UTF_8),
        new byte[0]);
  }

  /** It ended in this way, with these bytes on its outputs. */
  public static ExecResult of(
      ExecRequest request, ExecOutcome outcome, int exitCode, byte[] stdout, byte[] stderr) {
    return SimulatedCommands.result(request, outcome, exitCode, stdout, stderr);
  }

  /**
   * It prints its arguments after the first, as echo does: the answer of a service not told
   * otherwise.
   */
  public static ExecResult echo(ExecRequest request) {
    return SimulatedCommands.echo(request);
  }
}
