package io.sandbeam.transforms;

import io.sandbeam.service.ExecResult;

/** What became of one element: exactly one of the two. */
sealed interface Outcome {

  /** How often it was tried. */
  int attempts();

  /** Milliseconds it spent waiting between attempts. */
  long backoffMs();

  /** The bytes of output that it holds in memory. */
  long heldBytes();

  /** The command ran, whatever came of it. */
  record Ran(
      CommandPlan plan,
      ExecResult result,
      String sandboxId,
      OutputFiles.Copied outputs,
      int attempts,
      long startupMs,
      long backoffMs)
      implements Outcome {
    @Override
    public long heldBytes() {
      return (long) result.stdout().length + result.stderr().length;
    }
  }

  /** It could not be run. */
  record NotRun(
      CommandFailure.Reason reason, String message, String id, int attempts, long backoffMs)
      implements Outcome {
    @Override
    public long heldBytes() {
      return 0;
    }
  }
}
