package io.sandbeam.transforms;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Which of some names someone most likely meant. */
final class NearestName {
  private NearestName() {}

  /** The nearest name, when one is near: at most a third of its letters differ. */
  static Optional<String> of(String written, Collection<String> names) {
    return names.stream()
        .filter(
            name ->
                distance(written, name)
                    <= Math.max(1, Math.min(written.length(), name.length()) / 3))
        .min(Comparator.comparingInt(name -> distance(written, name)));
  }

  /** Levenshtein's distance, letters' case aside. */
  private static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int cost = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(cost, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
