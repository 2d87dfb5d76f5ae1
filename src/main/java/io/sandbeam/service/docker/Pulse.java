package io.sandbeam.service.docker;

/**
 * Whether process 1 has come to the end of what it was told: so nothing is asked for again while it
 * is still busy with the last questions. Guarded by its {@link Commands}.
 */
final class Pulse {
  /** The question may have been lost, so it is not waited for longer than so many rounds. */
  private static final int MOST_SKIPPED = 5;

  private final Commands.Host host;
  private long asked;
  private long answered;
  private int skipped;

  Pulse(Commands.Host host) {
    this.host = host;
  }

  /** Whether a round of questions may be sent now. */
  boolean isCalm() {
    if (answered == asked || skipped == MOST_SKIPPED) {
      skipped = 0;
      return true;
    }
    skipped++;
    return false;
  }

  /** Asks behind all that was sent before. */
  void ask() {
    asked++;
    host.send("p " + asked);
  }

  void answered(long number) {
    answered = Math.max(answered, number);
  }

  /** What {@link #isPast} takes, for what is sent now. */
  long mark() {
    return asked;
  }

  /** Whether what was sent at this mark has been heard for certain. */
  boolean isPast(long mark) {
    return answered > mark;
  }
}
