package io.sandbeam.simulation;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Many runs, on all processors: {@code scripts/chaos --simulate}. Exit code 0 when every invariant
 * held in each, 1 when one did not or a seed was not run, 2 for wrong arguments.
 */
public final class Campaign {
  private static final long PROGRESS_EVERY = 10_000;
  private static final long MOST_REPORTS = 10;

  private final Arguments arguments;
  private final PrintStream out;
  private final Function<Plan, Simulation.Outcome> simulation;
  private final Tally tally = new Tally();
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong reports = new AtomicLong();

  /**
   * What is asked for.
   *
   * @param faults numbers of the faults that are left in, empty for all
   */
  record Arguments(long seeds, long from, List<Integer> faults, boolean traced) {

    /**
     * Reads {@code --seeds=N --from=SEED --faults=N,N --trace}.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    static Arguments parse(String... args) {
      Arguments parsed = new Arguments(1000, 1, List.of(), false);
      for (String arg : args) {
        String value = arg.substring(arg.indexOf('=') + 1);
        parsed =
            switch (arg.replaceFirst("=.*", "=")) {
              case "--seeds=" ->
                  new Arguments(number(arg, value, 1), parsed.from, parsed.faults, parsed.traced);
              case "--from=" ->
                  new Arguments(parsed.seeds, number(arg, value, 0), parsed.faults, parsed.traced);
              case "--faults=" ->
                  new Arguments(parsed.seeds, parsed.from, numbers(arg, value), parsed.traced);
              case "--trace" -> new Arguments(parsed.seeds, parsed.from, parsed.faults, true);
              default -> throw new IllegalArgumentException("unknown argument: " + arg);
            };
      }
      if (parsed.seeds > 1 && (parsed.traced || !parsed.faults.isEmpty())) {
        throw new IllegalArgumentException("--trace and --faults are for --seeds=1");
      }
      return parsed;
    }

    private Plan plan(long seed) {
      Plan plan = Plan.of(seed);
      return faults.isEmpty()
          ? plan
          : Shrinking.only(
              plan, faults.stream().filter(number -> number < plan.faults().size()).toList());
    }

    private static long number(String arg, String value, long least) {
      if (!value.matches("[0-9]{1,15}") || Long.parseLong(value) < least) {
        throw new IllegalArgumentException(
            arg + ": a whole number, at least " + least + ", is needed");
      }
      return Long.parseLong(value);
    }

    private static List<Integer> numbers(String arg, String value) {
      if (!value.matches("[0-9]{1,3}(,[0-9]{1,3})*")) {
        throw new IllegalArgumentException(arg + ": numbers of faults are needed, such as 0,3");
      }
      return Arrays.stream(value.split(",")).map(Integer::valueOf).toList();
    }
  }

  Campaign(Arguments arguments, PrintStream out) {
    this(arguments, out, plan -> Simulation.run(plan, Bug.NONE, arguments.traced()));
  }

  /** With another way to run a plan. */
  Campaign(Arguments arguments, PrintStream out, Function<Plan, Simulation.Outcome> simulation) {
    this.arguments = arguments;
    this.out = out;
    this.simulation = simulation;
  }

  /** Runs it, and ends the JVM with its exit code. */
  public static void main(String... args) {
    int code;
    try {
      code = new Campaign(Arguments.parse(args), System.out).run();
    } catch (IllegalArgumentException e) {
      System.err.println("chaos: " + e.getMessage());
      code = 2;
    }
    System.exit(code);
  }

  int run() {
    long start = System.nanoTime();
    Thread[] threads = new Thread[Runtime.getRuntime().availableProcessors()];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(this::work, "simulation-" + i);
      threads[i].setDaemon(true);
      threads[i].start();
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the campaign was broken off", e);
    }
    if (tally.runs() != arguments.seeds()) {
      out.printf(
          Locale.ROOT,
          "only %,d of %,d seeds were run to their end: standard error says why%n",
          tally.runs(),
          arguments.seeds());
    }
    out.println("faults: " + tally.faults());
    out.println("digest: " + tally.digest());
    out.println(tally.line(arguments.from(), Duration.ofNanos(System.nanoTime() - start)));
    return tally.broken() == 0 && tally.runs() == arguments.seeds() ? 0 : 1;
  }

  private void work() {
    for (long i = next.getAndIncrement(); i < arguments.seeds(); i = next.getAndIncrement()) {
      Plan plan = arguments.plan(arguments.from() + i);
      Simulation.Outcome outcome = simulation.apply(plan);
      outcome.trace().forEach(out::println);
      if (outcome.broken().isPresent() && reports.getAndIncrement() < MOST_REPORTS) {
        report(plan, outcome.broken().get());
      }
      long done = tally.add(outcome);
      if (done % PROGRESS_EVERY == 0) {
        out.printf(Locale.ROOT, "%,d runs, %,d broken%n", done, tally.broken());
      }
    }
  }

  private void report(Plan plan, String broken) {
    List<Integer> left = Shrinking.shortest(plan, Bug.NONE);
    StringBuilder text = new StringBuilder();
    text.append("seed ").append(plan.seed()).append(" breaks: ").append(broken).append('\n');
    text.append("  shortest schedule found, of ").append(plan.faults().size()).append(" faults:\n");
    left.forEach(
        i -> text.append("    ").append(i).append(": ").append(plan.faults().get(i)).append('\n'));
    text.append("  to see it again: scripts/chaos --simulate --seeds=1 --from=")
        .append(plan.seed());
    if (!left.isEmpty()) {
      text.append(" --faults=")
          .append(left.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    synchronized (out) {
      out.println(text.append(" --trace"));
    }
  }
}
