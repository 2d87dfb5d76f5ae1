package io.sandbeam.service;

/** Whether an operation acts or only tells what it would do. */
public enum DryRun {
  /** Act. */
  NO,
  /** Only tell; change nothing. */
  YES
}
