package io.sandbeam.service;

/** How a command ended. */
public enum ExecOutcome {
  /**
   * By itself, with any exit code, or by a signal that Sandbeam did not send (exit code 128 + n).
   */
  EXITED,
  /** Killed, with everything it started, at its time limit. */
  TIMED_OUT,
  /** The kernel killed it, or a process it started, because the sandbox's memory was used up. */
  OUT_OF_MEMORY
}
