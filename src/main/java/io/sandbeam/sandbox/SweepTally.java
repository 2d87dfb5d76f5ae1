package io.sandbeam.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every sandbox a sweep came upon, by id only: how far each one is. */
final class SweepTally {

  /** How far one sandbox is. */
  enum Phase {
    /** Named by the caller; nobody looked yet. */
    KNOWN,
    /** Seen alive. */
    FOUND,
    /** Our delete was accepted. */
    DELETED,
    /** Our delete found it gone; the last read is still to come. */
    MISSING,
    /** A read showed that it has ended or is unknown. */
    GONE
  }

  private final Map<String, Phase> phases = new LinkedHashMap<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private int found;
  private int accepted;
  private int missing;
  private int gone;

  synchronized void known(String id) {
    phases.putIfAbsent(id, Phase.KNOWN);
  }

  /** Seen alive in a list or by a read. What is proven gone stays so: lists lag. */
  synchronized void alive(String id) {
    Phase before = phases.get(id);
    if (before == null || before == Phase.KNOWN) {
      found++;
      phases.put(id, Phase.FOUND);
    } else if (before == Phase.MISSING) {
      missing--;
      phases.put(id, Phase.FOUND);
    }
  }

  synchronized void accepted(String id) {
    if (phases.put(id, Phase.DELETED) == Phase.FOUND) {
      accepted++;
    }
  }

  synchronized void missing(String id) {
    Phase before = phases.get(id);
    if (before == Phase.FOUND) {
      missing++;
      phases.put(id, Phase.MISSING);
    }
  }

  synchronized void gone(String id) {
    Phase before = phases.put(id, Phase.GONE);
    if (before == Phase.FOUND) {
      missing++;
    }
    if (before != Phase.KNOWN && before != Phase.GONE) {
      gone++;
    }
  }

  /** To be deleted once more; it has been counted. */
  synchronized void again(String id) {
    if (phases.put(id, Phase.FOUND) == Phase.DELETED) {
      accepted--;
    }
  }

  /** Of another age or owner: no business of this sweep. */
  synchronized void forget(String id) {
    phases.remove(id);
  }

  synchronized Phase phase(String id) {
    return phases.get(id);
  }

  /** What is not proven gone; with or without those nobody looked at yet. */
  synchronized List<String> open(Set<Phase> which) {
    List<String> open = new ArrayList<>();
    phases.forEach(
        (id, phase) -> {
          if (which.contains(phase)) {
            open.add(id);
          }
        });
    return open;
  }

  synchronized void problem(String text) {
    if (problems.size() < SweepReport.SHOWN_PROBLEMS) {
      problems.add(text);
    }
  }

  synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  synchronized int found() {
    return found;
  }

  synchronized int goneCount() {
    return gone;
  }

  /** Accepted deletes whose sandbox is proven gone. */
  synchronized int deleted() {
    return accepted - open(Set.of(Phase.DELETED)).size();
  }

  synchronized int alreadyGone() {
    return missing;
  }
}
