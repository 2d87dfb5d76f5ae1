package io.sandbeam.simulation;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The sums over many runs. Safe for any number of threads. */
final class Tally {
  private final Map<Fault.Kind, Long> faults = new EnumMap<>(Fault.Kind.class);
  private long digest;
  private long runs;
  private long broken;
  private long created;
  private long closed;
  private long swept;
  private long expired;
  private Duration longest = Duration.ZERO;

  /** Answers how many runs there are by now. */
  synchronized long add(Simulation.Outcome outcome) {
    broken += outcome.broken().isPresent() ? 1 : 0;
    created += outcome.account().created();
    closed += outcome.account().closed();
    swept += outcome.account().swept();
    expired += outcome.account().expired();
    outcome.hit().forEach(fault -> faults.merge(fault.kind(), 1L, Long::sum));
    if (outcome.toEmpty().isPresent() && outcome.toEmpty().get().compareTo(longest) > 0) {
      longest = outcome.toEmpty().get();
    }
    digest ^= outcome.digest() * 0x9e3779b97f4a7c15L;
    return ++runs;
  }

  synchronized long runs() {
    return runs;
  }

  synchronized long broken() {
    return broken;
  }

  /** How often each thing went wrong. */
  synchronized String faults() {
    return faults.entrySet().stream()
        .map(
            entry ->
                String.format(
                    Locale.ROOT,
                    "%,d %s",
                    entry.getValue(),
                    entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ')))
        .collect(Collectors.joining(", "));
  }

  /** The same for the same runs, whatever their order and whatever the machine. */
  synchronized String digest() {
    return Long.toHexString(digest);
  }

  /** All in one line. */
  synchronized String line(long from, Duration took) {
    return String.format(
        Locale.ROOT,
        "%,d seeds from %d: %,d broken; %,d sandboxes = %,d closed + %,d swept + %,d expired;"
            + " %,d faults; longest to proven empty %.1f s; took %.1f s",
        runs,
        from,
        broken,
        created,
        closed,
        swept,
        expired,
        faults.values().stream().mapToLong(Long::longValue).sum(),
        longest.toMillis() / 1e3,
        took.toMillis() / 1e3);
  }
}
