package io.sandbeam.server;

import io.sandbeam.service.Tag;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Which jobs are over, and by whose word: a caller's holds for its own sandboxes, an admin's for
 * those of all. Not thread-safe: its ledger is.
 */
final class Seals {
  /** The oldest beyond these are forgotten before their time. */
  private static final int MOST = 100_000;

  /**
   * One seal.
   *
   * @param owner whose sandboxes it holds for; empty for everybody's
   */
  record Key(String owner, Tag job) {
    static Key of(Caller caller, Tag job) {
      return new Key(caller.isAdmin() ? "" : caller.name(), job);
    }
  }

  /** By the time they were last put, the oldest first. */
  private final Map<Key, Instant> times = new LinkedHashMap<>();

  void put(Key key, Instant at) {
    times.remove(key);
    times.put(key, at);
    if (times.size() > MOST) {
      times.remove(times.keySet().iterator().next());
    }
  }

  boolean hold(Caller caller, Tag job) {
    return times.containsKey(new Key("", job)) || times.containsKey(new Key(caller.name(), job));
  }

  void forgetBefore(Instant time) {
    Iterator<Instant> oldest = times.values().iterator();
    while (oldest.hasNext() && oldest.next().isBefore(time)) {
      oldest.remove();
    }
  }

  int size() {
    return times.size();
  }

  void forEach(BiConsumer<Key, Instant> action) {
    times.forEach(action);
  }
}
