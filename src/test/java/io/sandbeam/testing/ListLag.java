package io.sandbeam.testing;

import java.time.Duration;
import java.time.Instant;

/**
 * How far lists are behind the truth.
 *
 * @param time for which a list does not know of a birth or an end
 * @param lists how many lists do not know of it
 * @param flaps how often an ended sandbox comes back into the list after it was away: absent,
 *     present, absent
 */
record ListLag(Duration time, int lists, int flaps) {
  static final ListLag NONE = new ListLag(Duration.ZERO, 0, 0);

  boolean knowsBirth(SimulatedSandbox sandbox, long list, Instant now) {
    return list - sandbox.bornAtList > lists && !now.isBefore(sandbox.createTime.plus(time));
  }

  boolean knowsEnd(SimulatedSandbox sandbox, long list, Instant now) {
    if (sandbox.live()) {
      return false;
    }
    long since = list - sandbox.endedAtList - lists;
    boolean flapsBack = since % 2 == 0 && since <= 2L * flaps;
    return since > 0 && !flapsBack && !now.isBefore(sandbox.endTime.plus(time));
  }
}
