package io.sandbeam.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** {@code scripts/chaos}: any number of rounds on real parts, from a seed. */
public final class ChaosRun {
  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;

  private ChaosRun() {}

  /** Arguments: {@code --rounds=N --seed=S --kinds=a,b}. Ends with 0, 1 or 2. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int rounds;
    long seed;
    List<Kind> kinds;
    try {
      Map<String, String> options = options(args);
      kinds = kinds(options.getOrDefault("kinds", ""));
      rounds = (int) number(options, "rounds", kinds.size());
      seed = number(options, "seed", System.currentTimeMillis());
    } catch (IllegalArgumentException e) {
      System.err.println("sandbeam: " + e.getMessage() + "; see scripts/chaos --help");
      System.exit(BAD_USAGE);
      return;
    }
    ChaosTally tally = rounds(rounds, seed, kinds, System.err::println);
    tally.table().forEach(System.out::println);
    System.out.println(tally.line());
    System.exit(tally.isGood() ? 0 : FAILED);
  }

  /** Kinds take turns; the seed of each round is one more than that of the round before. */
  static ChaosTally rounds(int rounds, long seed, List<Kind> kinds, Consumer<String> log)
      throws IOException, InterruptedException {
    // Short, since a path of a Unix socket must be.
    Path folder = Files.createTempDirectory("sandbeam-chaos-");
    ChaosTally tally = new ChaosTally();
    Parts parts = new Parts(folder);
    // At Ctrl-C, too.
    Ending ending = new Ending(parts);
    try {
      for (int i = 0; i < rounds; i++) {
        Plan plan = Plan.of(seed + i, kinds.get(i % kinds.size()));
        RoundReport report = new Round(plan, parts).run();
        tally.add(report);
        log.accept((i + 1) + "/" + rounds + " " + report.line());
        if (!report.isGood()) {
          log.accept("  " + report.evidence());
        }
      }
    } finally {
      ending.close();
    }
    return tally;
  }

  private static Map<String, String> options(String[] args) {
    Map<String, String> options = new TreeMap<>();
    for (String arg : args) {
      if (!arg.matches("--(rounds|seed|kinds)=.*")) {
        throw new IllegalArgumentException("unknown argument '" + arg + "'");
      }
      options.put(arg.substring(2, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
    }
    return options;
  }

  private static long number(Map<String, String> options, String name, long otherwise) {
    String value = options.getOrDefault(name, "" + otherwise);
    if (!value.matches(name.equals("rounds") ? "[1-9][0-9]{0,5}" : "[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "invalid --" + name + "=" + value + ": it must be a whole number above zero");
    }
    return Long.parseLong(value);
  }

  private static List<Kind> kinds(String typed) {
    return typed.isEmpty()
        ? List.of(Kind.values())
        : Arrays.stream(typed.split(",", -1)).map(Kind::of).toList();
  }
}
