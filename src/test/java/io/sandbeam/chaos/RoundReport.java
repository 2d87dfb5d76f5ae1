package io.sandbeam.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a round went.
 *
 * @param atWork whether the job was in the middle of its commands when the fault came
 * @param elements of the job
 * @param lost those without a result or a failure, although the runner promised them
 * @param notRun those that came out as failures
 * @param leaked sandboxes or processes that were left, or could not be proven gone
 * @param toEmpty from the end of the job to the sweep's proof
 * @param took the whole round
 * @param problems what must not be, with the evidence; none in a good round
 */
record RoundReport(
    Plan plan,
    boolean atWork,
    int elements,
    int lost,
    int notRun,
    int leaked,
    boolean foreignTouched,
    Duration toEmpty,
    Duration took,
    List<String> problems) {

  boolean isGood() {
    return problems.isEmpty();
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%s: %s%s%s, empty after %.1f s, in all %.1f s",
        isGood() ? "ok" : "FAILED",
        plan,
        atWork ? "" : ", not at work then",
        notRun == 0 ? "" : ", " + notRun + " not run",
        toEmpty.toMillis() / 1000.0,
        took.toMillis() / 1000.0);
  }

  /** What went wrong, and the command that repeats it. */
  String evidence() {
    return String.join("\n  ", problems) + "\n  again: " + plan.replay();
  }
}
