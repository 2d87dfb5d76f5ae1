package io.sandbeam.sandbox;

/**
 * What became of a session's sandboxes so far. Every number only grows. When nothing is live or in
 * doubt, {@code created + adopted = stopped + ended + alreadyGone}.
 *
 * @param created exist or existed because of this session
 * @param adopted came from elsewhere
 * @param stopped ended by a stop of this session
 * @param ended found ended: by itself, by a failure, or because its lifetime was over
 * @param alreadyGone not known to the service any more
 * @param neverStarted handles that were stopped before they were started
 * @param failedStops stops that failed; a sandbox counts each time
 */
public record SessionCounts(
    long created,
    long adopted,
    long stopped,
    long ended,
    long alreadyGone,
    long neverStarted,
    long failedStops) {

  /** Stopped, ended, or gone. */
  public long closed() {
    return stopped + ended + alreadyGone;
  }

  /** Known to exist and not known to be gone. */
  public long live() {
    return created + adopted - closed();
  }
}
