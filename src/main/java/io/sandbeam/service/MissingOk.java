package io.sandbeam.service;

/** Whether the absence of what is to be deleted counts as success. */
public enum MissingOk {
  /** Absence is an error. */
  NO,
  /** Absence is success: what should be gone is gone. */
  YES
}
