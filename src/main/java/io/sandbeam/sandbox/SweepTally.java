package io.sandbeam.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every sandbox a sweep came upon, by id only: how far each one is. */
final class SweepTally {
  /** So many ids of what is gone are kept, to tell stale entries of lists from new sandboxes. */
  private static final int MOST_GONE = 1_000_000;

  /** How far one sandbox is. */
  enum Phase {
    /** Named by the caller; nobody looked yet. */
    KNOWN,
    /** Seen alive. */
    FOUND,
    /** Our delete was accepted. */
    DELETED,
    /** Our delete was accepted and shows no effect: it is to be deleted once more. */
    AGAIN,
    /** Our delete found it gone; the last read is still to come. */
    MISSING,
    /** It was seen to have ended, or is unknown to the service. */
    GONE
  }

  private final Map<String, Phase> open = new LinkedHashMap<>();
  private final Set<String> gone = new LinkedHashSet<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private int found;
  private int deleted;
  private int alreadyGone;
  private int expired;

  synchronized void known(String id) {
    open.putIfAbsent(id, Phase.KNOWN);
  }

  /** Seen alive in a list or by a read. What is proven gone stays so: lists lag. */
  synchronized void alive(String id) {
    Phase before = phase(id);
    if (before == null || before == Phase.KNOWN) {
      found++;
    }
    if (before == null || before == Phase.KNOWN || before == Phase.MISSING) {
      open.put(id, Phase.FOUND);
    }
  }

  /** Our delete was accepted: it is ending. */
  synchronized void accepted(String id) {
    move(id, Phase.DELETED);
  }

  /** Our delete found nothing: somebody else's was faster, or an earlier one of ours. */
  synchronized void missing(String id) {
    Phase before = phase(id);
    if (before == Phase.FOUND) {
      move(id, Phase.MISSING);
    } else if (before == Phase.AGAIN) {
      move(id, Phase.DELETED);
    }
  }

  /** Our delete found that it had ended by itself. */
  synchronized void expired(String id) {
    expired++;
    remember(id);
  }

  /** A read showed that it has ended, or the service does not know it any more. */
  synchronized void gone(String id) {
    Phase before = phase(id);
    if (before == Phase.DELETED || before == Phase.AGAIN) {
      deleted++;
    } else if (before == Phase.FOUND || before == Phase.MISSING) {
      alreadyGone++;
    }
    remember(id);
  }

  /** Our delete was accepted, and it does not end. */
  synchronized void again(String id) {
    move(id, phase(id) == Phase.DELETED ? Phase.AGAIN : Phase.FOUND);
  }

  /** Of another age or owner: no business of this sweep. */
  synchronized void forget(String id) {
    open.remove(id);
  }

  synchronized Phase phase(String id) {
    return gone.contains(id) ? Phase.GONE : open.get(id);
  }

  /** The ids of what is not proven gone and in one of these phases, in the order they came. */
  synchronized List<String> open(Set<Phase> which) {
    List<String> ids = new ArrayList<>();
    open.forEach(
        (id, phase) -> {
          if (which.contains(phase)) {
            ids.add(id);
          }
        });
    return ids;
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
    return deleted + alreadyGone + expired;
  }

  /** Accepted deletes whose sandbox is proven gone. */
  synchronized int deleted() {
    return deleted;
  }

  synchronized int alreadyGone() {
    return alreadyGone;
  }

  synchronized int expired() {
    return expired;
  }

  private void move(String id, Phase to) {
    if (!gone.contains(id)) {
      open.put(id, to);
    }
  }

  private void remember(String id) {
    open.remove(id);
    gone.add(id);
    if (gone.size() > MOST_GONE) {
      gone.remove(gone.iterator().next());
    }
  }
}
