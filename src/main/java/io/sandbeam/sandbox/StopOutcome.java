package io.sandbeam.sandbox;

/** How a stop found the sandbox. In every case it is gone now. */
public enum StopOutcome {
  /** It was alive, and this stop ended it. */
  STOPPED,
  /** It had ended before: by itself, by a failure, or because its lifetime was over. */
  ALREADY_ENDED,
  /** The service no longer knows it. */
  ALREADY_GONE,
  /** It was never created. */
  NEVER_STARTED
}
