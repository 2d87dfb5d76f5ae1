package io.sandbeam.chaos;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The sum of many rounds. */
final class ChaosTally {
  private final Map<Kind, Integer> rounds = new EnumMap<>(Kind.class);
  private int atWork;
  private int elements;
  private int lost;
  private int notRun;
  private int leaked;
  private int foreignTouched;
  private int failed;
  private Duration longest = Duration.ZERO;

  void add(RoundReport report) {
    rounds.merge(report.plan().kind(), 1, Integer::sum);
    atWork += report.atWork() ? 1 : 0;
    elements += report.elements();
    lost += report.lost();
    notRun += report.notRun();
    leaked += report.leaked();
    foreignTouched += report.foreignTouched() ? 1 : 0;
    failed += report.isGood() ? 0 : 1;
    longest = longest.compareTo(report.toEmpty()) < 0 ? report.toEmpty() : longest;
  }

  int atWork() {
    return atWork;
  }

  boolean isGood() {
    return failed == 0;
  }

  /** For a README: what was done, and what was left. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%d rounds (%s; %d in the middle of the job): %d leaked, %d foreign sandboxes touched, %d of %,d elements"
            + " lost, %d not run, proven empty within %.1f s, %d rounds failed",
        rounds.values().stream().mapToInt(Integer::intValue).sum(),
        rounds.entrySet().stream()
            .map(kind -> kind.getKey().typed() + " " + kind.getValue())
            .collect(Collectors.joining(", ")),
        atWork,
        leaked,
        foreignTouched,
        lost,
        elements,
        notRun,
        longest.toMillis() / 1000.0,
        failed);
  }
}
