package io.sandbeam.service.docker;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What commands that ran beside others have left alive: the processes that belong to none that
 * runs. Process 1 walks through all processes for that, and does nothing else meanwhile: so it is
 * asked for one count at a time, for all that have ended by then, and rests between. Guarded by its
 * {@link Commands}.
 */
final class LooseCount {
  /** A rest is so many times as long as the count before it, which may have waited, too. */
  private static final int REST = 3;

  private static final Duration LONGEST_REST = Duration.ofMillis(400);

  private final Commands.Host host;
  private List<Execution> counting = List.of();
  private long askedNanos;
  private boolean resting;
  private String line = "";

  LooseCount(Commands.Host host) {
    this.host = host;
  }

  /** Asks for those that wait for it, unless a count is under way or has just been. */
  void ask(Collection<Execution> running) {
    if (!counting.isEmpty() || resting) {
      return;
    }
    List<Execution> due = running.stream().filter(Execution::waitsForCount).toList();
    if (due.isEmpty()) {
      return;
    }
    String all = running.stream().map(one -> " " + one.slot).collect(Collectors.joining());
    counting = due;
    askedNanos = System.nanoTime();
    line = "n " + number() + all;
    host.send(line);
  }

  /** Asks once more, when no answer has come. */
  void again() {
    if (!counting.isEmpty()) {
      host.send(line);
    }
  }

  /** Takes an answer, after which it rests; says whose it is. */
  List<Execution> answered(long number, int count) {
    if (counting.isEmpty() || number() != number) {
      return List.of();
    }
    List<Execution> counted = counting;
    counting = List.of();
    counted.forEach(one -> one.loose = count);
    resting = true;
    return counted;
  }

  /** How long it rests now. */
  Duration rest() {
    Duration rest = Duration.ofNanos(REST * (System.nanoTime() - askedNanos));
    return rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
  }

  void rested() {
    resting = false;
  }

  /** No two counts have the same: who has been counted is not counted again. */
  private long number() {
    return counting.get(counting.size() - 1).number;
  }
}
