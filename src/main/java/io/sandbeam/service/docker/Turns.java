package io.sandbeam.service.docker;

import io.sandbeam.service.leased.Channel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which slot's output is passed on. A lone command has the turn all the time; commands that run
 * beside each other have it one after another. Guarded by its {@link Commands}.
 */
final class Turns {
  static final Duration LENGTH = Duration.ofMillis(4);

  private static final int NOBODY = -1;

  private final Commands.Host host;
  private final Map<Channel, Integer> seen = new EnumMap<>(Map.of(Channel.OUT, 0, Channel.ERR, 0));
  private int asked;
  private long changes;
  private boolean shared;

  Turns(Commands.Host host) {
    this.host = host;
  }

  /** Whose output is on a stream now. */
  int seen(Channel channel) {
    return seen.get(channel);
  }

  void seen(Channel channel, int slot) {
    if (seen.put(channel, slot) != slot) {
      changes++;
    }
  }

  /** How often another slot's output was seen to begin. */
  long changes() {
    return changes;
  }

  /** Whether it was this slot's turn, and no other's, on both streams since so many changes. */
  boolean hasHadSince(long earlier, int slot) {
    return changes == earlier && seen(Channel.OUT) == slot && seen(Channel.ERR) == slot;
  }

  void give(int slot) {
    if (asked != slot) {
      asked = slot;
      host.send("t " + slot);
    }
  }

  /** Asks once more, when it has not come: to whom it was given, it is nothing new. */
  void again() {
    if (asked != NOBODY && !arrived()) {
      host.send("t " + asked);
    }
  }

  private boolean arrived() {
    return seen(Channel.OUT) == asked && seen(Channel.ERR) == asked;
  }

  /** A slot takes the turn with new pipes. */
  void begins(int slot) {
    forget(slot);
    asked = slot;
  }

  /**
   * The slot's pipes are gone, and what still comes through them is nobody's. What comes of another
   * slot, before its turn is seen to end, is that slot's.
   */
  void forget(int slot) {
    if (asked == slot) {
      asked = NOBODY;
    }
    for (Channel channel : Channel.values()) {
      if (seen(channel) == slot) {
        seen(channel, NOBODY);
      }
    }
  }

  /** Whether a round begins now: there are several, and none is under way. */
  boolean share(List<Execution> all) {
    boolean begins = !shared && all.size() > 1;
    shared |= begins;
    return begins;
  }

  /** Passes it on, once the last change has arrived; says whether the round goes on. */
  boolean next(List<Execution> all) {
    if (!all.isEmpty() && (arrived() || asked == NOBODY)) {
      give(after(all));
    }
    // The last one has the turn for good, when it has got it.
    shared = all.size() > 1 || (!all.isEmpty() && seen(Channel.ERR) != all.get(0).slot);
    return shared;
  }

  /** Those that have ended come first: they wait for the rest of their output. */
  private int after(List<Execution> all) {
    for (Execution one : all) {
      if (one.exit != null && !one.isDrained()) {
        return one.slot;
      }
    }
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).slot == asked) {
        return all.get((i + 1) % all.size()).slot;
      }
    }
    return all.get(0).slot;
  }
}
