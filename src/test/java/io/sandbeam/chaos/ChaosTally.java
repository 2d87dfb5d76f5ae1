package io.sandbeam.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The sum of many rounds, by kind and of all. */
final class ChaosTally {
  private final Map<Kind, Sum> kinds = new EnumMap<>(Kind.class);
  private final Sum all = new Sum();

  void add(RoundReport report) {
    kinds.computeIfAbsent(report.plan().kind(), kind -> new Sum()).add(report);
    all.add(report);
  }

  int atWork() {
    return all.atWork;
  }

  boolean isGood() {
    return all.failed == 0;
  }

  /** For a README: a row for each kind. */
  List<String> table() {
    List<String> rows = new ArrayList<>();
    rows.add(
        "| fault | rounds | leaked | foreign sandboxes touched | elements lost | longest to EMPTY |");
    rows.add("|---|---|---|---|---|---|");
    kinds.forEach((kind, sum) -> rows.add(sum.row(kind)));
    return rows;
  }

  /** For a README: what was done, and what was left. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%d rounds (%d in the middle of the job): %d leaked, %d foreign sandboxes touched, %d of %,d elements"
            + " lost, %d not run, proven empty within %.1f s, %d rounds failed",
        all.rounds,
        all.atWork,
        all.leaked,
        all.foreignTouched,
        all.lost,
        all.elements,
        all.notRun,
        seconds(all.longest),
        all.failed);
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }

  private static final class Sum {
    private int rounds;
    private int atWork;
    private int elements;
    private int lost;
    private int notRun;
    private int leaked;
    private int foreignTouched;
    private int failed;
    private Duration longest = Duration.ZERO;

    void add(RoundReport report) {
      rounds++;
      atWork += report.atWork() ? 1 : 0;
      elements += report.elements();
      lost += report.lost();
      notRun += report.notRun();
      leaked += report.leaked();
      foreignTouched += report.foreignTouched() ? 1 : 0;
      failed += report.isGood() ? 0 : 1;
      longest = longest.compareTo(report.toEmpty()) < 0 ? report.toEmpty() : longest;
    }

    /** Nothing is lost of a job whose runner promised nothing. */
    String row(Kind kind) {
      return String.format(
          Locale.ROOT,
          "| `%s` | %d | %d | %d | %s | %.1f s |",
          kind.typed(),
          rounds,
          leaked,
          foreignTouched,
          kind.promise == Kind.Promise.NOTHING ? "none promised" : lost,
          seconds(longest));
    }
  }
}
