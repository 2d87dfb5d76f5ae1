package io.sandbeam.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Looks for fewer faults that still break an invariant: takes out halves, then quarters, then one
 * by one.
 */
final class Shrinking {
  private Shrinking() {}

  /**
   * The numbers of the faults that are left; any one less, and every invariant holds.
   *
   * @param plan one that breaks an invariant
   */
  static List<Integer> shortest(Plan plan, Bug bug) {
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < plan.faults().size(); i++) {
      left.add(i);
    }
    int chunk = Math.max(1, left.size() / 2);
    while (true) {
      boolean shrunk = false;
      for (int from = 0; from < left.size(); ) {
        List<Integer> fewer = new ArrayList<>(left);
        fewer.subList(from, Math.min(left.size(), from + chunk)).clear();
        if (Simulation.run(only(plan, fewer), bug, false).broken().isPresent()) {
          left = fewer;
          shrunk = true;
        } else {
          from += chunk;
        }
      }
      if (chunk > 1) {
        chunk /= 2;
      } else if (!shrunk) {
        return left;
      }
    }
  }

  /** The plan with some of its faults. */
  static Plan only(Plan plan, List<Integer> numbers) {
    return plan.withFaults(numbers.stream().map(plan.faults()::get).toList());
  }
}
