package io.sandbeam.sandbox;

/** Whether the scratch volume is archived before a sandbox ends. */
public enum SnapshotOnStop {
  NO,
  YES
}
