package io.sandbeam.transforms;

import io.sandbeam.service.ExecResult;

/**
 * How a command that ran came to its end. All of them are data, none is an error of the pipeline.
 */
public enum CommandStatus {
  /** It ended by itself with exit code 0. */
  SUCCEEDED,
  /** It ended with another exit code, or by a signal (128 + n). */
  FAILED,
  /** It was killed, with everything it had started, at its time limit. */
  TIMED_OUT,
  /** The kernel killed it, or a process it started, because the sandbox's memory was used up. */
  OUT_OF_MEMORY;

  static CommandStatus of(ExecResult result) {
    return switch (result.outcome()) {
      case EXITED -> result.exitCode() == 0 ? SUCCEEDED : FAILED;
      case TIMED_OUT -> TIMED_OUT;
      case OUT_OF_MEMORY -> OUT_OF_MEMORY;
    };
  }
}
