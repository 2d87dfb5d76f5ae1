package io.sandbeam.simulation;

import io.sandbeam.testing.Operation;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What lies between the processes and the service: how long calls take, and which go wrong. Every
 * duration follows from the seed and the number of the call alone, so that a run with fewer faults
 * stays as close as possible to the one with all of them.
 */
final class Network {
  private final VirtualTime time;
  private final Plan plan;
  private final Map<Operation, Integer> calls = new EnumMap<>(Operation.class);
  private Fault.Since since = Fault.Since.START;
  private final Map<String, Duration> cutUntil = new HashMap<>();
  private Duration outageUntil = Duration.ZERO;
  private Duration unreadableUntil = Duration.ZERO;
  private Duration deniedUntil = Duration.ZERO;
  private boolean healed;

  Network(VirtualTime time, Plan plan) {
    this.time = time;
    this.plan = plan;
  }

  /** Counts one more call of an operation; what goes wrong with it, if anything. */
  Optional<Fault> nextCall(Operation operation) {
    int number = calls.merge(operation, 1, Integer::sum) - 1;
    return plan.faults().stream()
        .filter(one -> !healed && one.operation() == operation)
        .filter(one -> one.since() == since && one.nth() == number)
        .findFirst();
  }

  /** The job is over: calls are counted anew. */
  void jobEnded() {
    since = Fault.Since.END;
    calls.clear();
  }

  /** The way of a message there or back: mostly short. */
  Duration latency(SimulatedProcess process, int call, int leg) {
    long bits = mix(plan.seed() ^ mix(process.name().hashCode() * 31L + call) + leg);
    double share = (bits >>> 11) * 0x1.0p-53;
    return Duration.ofNanos((long) (plan.latency().toNanos() * share * share * share));
  }

  /** Nothing passes to or from the process for a while. */
  void cut(SimulatedProcess process, Duration lasting) {
    cutUntil.put(process.name(), time.elapsed().plus(lasting));
  }

  boolean isCut(SimulatedProcess process) {
    return !healed
        && time.elapsed().compareTo(cutUntil.getOrDefault(process.name(), Duration.ZERO)) < 0;
  }

  void outage(Duration lasting) {
    outageUntil = time.elapsed().plus(lasting);
  }

  /** Reads of one sandbox fail for a while. */
  void failReads(Duration lasting) {
    unreadableUntil = time.elapsed().plus(lasting);
  }

  boolean isOut(Operation operation) {
    boolean unreadable =
        operation == Operation.GET && time.elapsed().compareTo(unreadableUntil) < 0;
    return !healed && (unreadable || time.elapsed().compareTo(outageUntil) < 0);
  }

  void deny(Duration lasting) {
    deniedUntil = time.elapsed().plus(lasting);
  }

  boolean isDenied(Duty duty) {
    return !healed && duty.role() == Duty.Role.SWEEP && time.elapsed().compareTo(deniedUntil) < 0;
  }

  /** Nothing goes wrong any more. */
  void heal() {
    healed = true;
  }

  boolean isHealed() {
    return healed;
  }

  /** Spreads bits, as splitmix64 does. */
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
