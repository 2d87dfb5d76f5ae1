package io.sandbeam.testing;

/** The calls of a {@link io.sandbeam.service.SandboxService} that can be recorded and go wrong. */
public enum Operation {
  CREATE,
  GET,
  LIST,
  DELETE,
  PURGE,
  SEAL,
  SEAL_OF,
  EXEC,
  READ_FILE,
  WRITE_FILE,
  CREATE_SNAPSHOT,
  GET_SNAPSHOT,
  LIST_SNAPSHOTS,
  DELETE_SNAPSHOT
}
