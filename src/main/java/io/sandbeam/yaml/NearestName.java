package io.sandbeam.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds what somebody who mistyped a name most likely meant. */
public final class NearestName {
  private static final int SHOWN = 80;
  private static final int LISTED = 40;

  private NearestName() {}

  /**
   * The known name with the fewest edits from the given one, case ignored, if it is near: at most a
   * third of the letters (and at least two) differ.
   */
  public static Optional<String> of(String given, Collection<String> known) {
    int allowed = Math.max(2, given.length() / 3);
    return known.stream()
        .filter(name -> Math.abs(name.length() - given.length()) <= allowed)
        .filter(name -> distance(given, name) <= allowed)
        .min(
            Comparator.comparingInt((String name) -> distance(given, name))
                .thenComparing(name -> name));
  }

  /** {@code "; did you mean 'timeout'?"}, or nothing when no name is near. */
  public static String hint(String given, Collection<String> known) {
    return of(given, known).map(name -> "; did you mean " + quoted(name) + "?").orElse("");
  }

  /** The known names in their order, shortened when there are very many. */
  static String list(Collection<String> known) {
    String names = known.stream().limit(LISTED).collect(Collectors.joining(", "));
    return known.size() > LISTED ? names + ", … (" + known.size() + " in all)" : names;
  }

  /** A piece of the file for a message: quoted, printable, never longer than a line. */
  static String quoted(String text) {
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return "'" + shown.replaceAll("\\p{Cntrl}", " ") + "'";
  }

  private static int distance(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}
