package io.sandbeam.transforms;

/** How many commands share a sandbox. */
public enum Isolation {
  /** One command, one fresh sandbox, gone when the command has ended. */
  ELEMENT,
  /**
   * The commands of one bundle share sandboxes, one command at a time; gone at the bundle's end.
   */
  BUNDLE,
  /**
   * The commands of one worker share sandboxes, one command at a time. {@code /workspace} and
   * {@code /tmp} are emptied between commands; a sandbox is replaced after a bounded number of
   * them, and at once when a command left processes behind, ran out of time or memory, or broke it.
   * The fastest, for commands that may know of each other.
   */
  WORKER
}
