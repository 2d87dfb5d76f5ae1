package io.sandbeam.service;

/** What a failed call may have done. */
public enum Effect {
  /** Certainly nothing: asking again is safe. */
  NONE,
  /** Perhaps what was asked: ask again with the same request id, or look it up. */
  UNKNOWN
}
