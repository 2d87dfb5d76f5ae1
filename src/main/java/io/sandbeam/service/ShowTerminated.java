package io.sandbeam.service;

/** Whether a list holds sandboxes that have ended and whose records are still kept. */
public enum ShowTerminated {
  /** Active sandboxes only. */
  NO,
  /** Active and ended ones. */
  YES
}
