package io.sandbeam.service;

/**
 * Where a sandbox stands. States move forward only:
 *
 * <pre>
 * PENDING → CREATING → RUNNING → COMPLETED | FAILED
 *     any active state → TERMINATING → TERMINATED | COMPLETED | FAILED
 * </pre>
 */
public enum SandboxState {
  /** Not reported, or a name this version does not know. Counts as live: nobody proved it gone. */
  UNSPECIFIED,
  /** Being scheduled or started. */
  CREATING,
  /** Usable. */
  RUNNING,
  /** Ended by itself. Some services report a stopped sandbox so, too. */
  COMPLETED,
  /** Ended by a failure, an exceeded lifetime included; see {@link SandboxInfo#stateReason()}. */
  FAILED,
  /** A delete is under way. */
  TERMINATING,
  /** Ended by a delete. */
  TERMINATED,
  /** Accepted, not scheduled. */
  PENDING,
  /** Paused, and still holding its resources. */
  PAUSED;

  /** Whether this is the end: nothing of the sandbox is alive, and its state will not change. */
  public boolean isTerminal() {
    return this == COMPLETED || this == FAILED || this == TERMINATED;
  }
}
