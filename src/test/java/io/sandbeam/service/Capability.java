package io.sandbeam.service;

/** What one service can and another cannot, both being right. */
public enum Capability {
  /** Its scratch volume can be archived and restored. */
  SNAPSHOTS,
  /** Closing the client that created a sandbox ends it. Without this, it lives on. */
  LEASED_TO_OWNER,
  /** {@link ExecResult#leftoverProcesses()} is a count and never -1. */
  COUNTS_LEFTOVERS,
  /** Any client runs commands and moves files in any sandbox. Without this, only its owner does. */
  SERVES_ANY_CLIENT,
  /** It remembers that a job is over. Without this, it says so, and creates go on. */
  SEALS
}
