package io.sandbeam.sandbox;

import io.sandbeam.service.DryRun;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a sweep did, and what it proved.
 *
 * @param outcome what is left; only EMPTY is success
 * @param found distinct live sandboxes it came upon
 * @param deleted of those, ended by this sweep and proven gone
 * @param alreadyGone of those, gone when this sweep came to them
 * @param leftIds sandboxes that may be alive, the first {@link #SHOWN_IDS}
 * @param left how many there are of them
 * @param emptyListsInARow how many lists in a row held no live sandbox, at the end
 * @param hosts the machines that the lists covered
 * @param problems what went wrong, the first {@link #SHOWN_PROBLEMS}; also what later went well
 * @param took from the first list to the proof
 * @param dryRun with YES nothing was deleted, and {@code leftIds} are what would be
 */
public record SweepReport(
    Outcome outcome,
    int found,
    int deleted,
    int alreadyGone,
    List<String> leftIds,
    int left,
    int emptyListsInARow,
    Set<String> hosts,
    List<String> problems,
    Duration took,
    DryRun dryRun) {

  /** The most ids in {@link #leftIds()}. */
  public static final int SHOWN_IDS = 100;

  /** The most entries in {@link #problems()}. */
  public static final int SHOWN_PROBLEMS = 20;

  /** What is left. */
  public enum Outcome {
    /** Nothing: several lists in a row were empty, and every id once known is gone. */
    EMPTY,
    /** Some sandboxes are alive, or could not be shown to be gone: their ids are known. */
    LEFT,
    /** Nobody knows: a list failed, or access was denied. */
    UNKNOWN
  }

  public SweepReport {
    leftIds = List.copyOf(leftIds);
    hosts = Set.copyOf(hosts);
    problems = List.copyOf(problems);
  }

  /** The proof in one line: {@code 2 swept, 0 left (proven empty, host-a)}. */
  public String line() {
    StringBuilder line = new StringBuilder();
    if (dryRun == DryRun.YES) {
      line.append("dry run: ").append(found).append(" found, nothing deleted");
    } else {
      line.append(deleted).append(" swept, ");
      if (alreadyGone > 0) {
        line.append(alreadyGone).append(" already gone, ");
      }
      line.append(outcome == Outcome.UNKNOWN ? "unknown how many" : left).append(" left");
    }
    if (!leftIds.isEmpty()) {
      line.append(": ").append(String.join(", ", leftIds.subList(0, Math.min(3, leftIds.size()))));
      line.append(left > 3 ? ", …" : "");
    }
    line.append(" (");
    if (outcome == Outcome.EMPTY) {
      line.append("proven empty");
    } else {
      line.append(outcome == Outcome.UNKNOWN ? "not proven" : "not empty");
      if (!problems.isEmpty()) {
        line.append(": ").append(problems.get(problems.size() - 1));
      }
    }
    if (!hosts.isEmpty()) {
      line.append(", ").append(String.join(", ", new TreeSet<>(hosts)));
    }
    return line.append(")").toString();
  }
}
