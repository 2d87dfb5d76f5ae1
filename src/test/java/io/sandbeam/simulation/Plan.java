package io.sandbeam.simulation;

import io.sandbeam.testing.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Everything that a seed decides: the job, the service, and what goes wrong.
 *
 * @param place whether the workers are processes of their own, or in the launcher's
 * @param elements of each step
 * @param bundleSize the most elements of one bundle
 * @param slots bundles at a time on one worker
 * @param failureOutput whether elements that could not be run are kept, or fail the bundle
 * @param lease whether the service ends the sandboxes of a dead worker
 * @param seals whether the service can seal a job
 * @param latency the longest of an ordinary request or answer
 * @param listFlaps how often an ended sandbox comes back into lists
 * @param quota the most live sandboxes, 0 for any number
 * @param ending what becomes of the workers when the job is over
 * @param skew the furthest that a process's clock is off
 * @param operatorWaits before each sweep by hand
 */
record Plan(
    long seed,
    Place place,
    int workers,
    int steps,
    int elements,
    int bundleSize,
    int slots,
    String isolation,
    int concurrency,
    int warm,
    int maxAttempts,
    boolean failureOutput,
    boolean lease,
    boolean seals,
    Duration latency,
    Duration startTakes,
    Duration stopTakes,
    Duration commandsTake,
    Duration listLag,
    int listFlaps,
    int pageSize,
    Duration keepEnded,
    int quota,
    Ending ending,
    Duration skew,
    Duration operatorWaits,
    List<Fault> faults) {

  enum Place {
    /** The workers are in the launcher's process, as with Beam's DirectRunner. */
    LAUNCHER,
    ELSEWHERE
  }

  enum Ending {
    /** Every instance is torn down. */
    TEARDOWN,
    /** The runner forgets them; only the janitor comes. */
    FORGOTTEN,
    /** The runner kills its workers. */
    KILLED
  }

  private static final int MOST_FAULTS = 10;

  private static final List<Operation> CALLS =
      List.of(
          Operation.CREATE,
          Operation.CREATE,
          Operation.CREATE,
          Operation.DELETE,
          Operation.DELETE,
          Operation.EXEC,
          Operation.GET,
          Operation.LIST,
          Operation.LIST,
          Operation.SEAL);

  static Plan of(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Place place = random.nextInt(4) == 0 ? Place.LAUNCHER : Place.ELSEWHERE;
    int workers = place == Place.LAUNCHER ? 1 : 1 + random.nextInt(3);
    int steps = 1 + random.nextInt(2);
    int elements = 1 + random.nextInt(12);
    String isolation = pick(random, "ELEMENT", "ELEMENT", "WORKER", "BUNDLE");
    int concurrency = 1 + random.nextInt(4);
    Plan plan =
        new Plan(
            seed,
            place,
            workers,
            steps,
            elements,
            1 + random.nextInt(6),
            1 + random.nextInt(2),
            isolation,
            concurrency,
            isolation.equals("ELEMENT") ? random.nextInt(3) : 0,
            1 + random.nextInt(3),
            random.nextInt(3) > 0,
            random.nextInt(5) < 2,
            random.nextInt(10) < 7,
            millis(random, 5, 50, 500),
            millis(random, 0, 200, 3000),
            millis(random, 0, 0, 100, 2000, 20_000),
            millis(random, 0, 100, 2000, 30_000),
            millis(random, 0, 0, 500, 1900),
            random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0,
            1 + random.nextInt(40),
            millis(random, 0, 1000, 3_600_000),
            random.nextInt(6) == 0 ? 2 + random.nextInt(8) : 0,
            Ending.values()[random.nextInt(3)],
            millis(random, 0, 0, 0, 3_600_000),
            millis(random, 1000, 30_000, 240_000),
            List.of());
    List<Fault> faults = new ArrayList<>();
    for (int count = random.nextInt(MOST_FAULTS + 1); count > 0; count--) {
      Fault fault = fault(random);
      // What goes wrong together finds more than what goes wrong now and then.
      boolean together = !faults.isEmpty() && random.nextInt(3) == 0;
      faults.add(
          together ? fault.soonAfter(faults.get(faults.size() - 1), random.nextInt(5000)) : fault);
    }
    return plan.withFaults(faults);
  }

  private static Fault fault(RandomGenerator random) {
    Fault.Kind[] kinds = Fault.Kind.values();
    Fault.Kind kind = kinds[random.nextInt(kinds.length)];
    // Calls go wrong more often than anything else.
    while (!kind.isOfACall() && random.nextInt(3) == 0) {
      kind = kinds[random.nextInt(kinds.length)];
    }
    Fault.Since since = random.nextInt(3) == 0 ? Fault.Since.END : Fault.Since.START;
    Duration at =
        since == Fault.Since.END
            ? Duration.ofMillis((long) (Math.pow(random.nextDouble(), 4) * 60_000))
            : squared(random, 120_000);
    Duration lasting = squared(random, 180_000);
    int target = random.nextInt(8);
    Operation operation = CALLS.get(random.nextInt(CALLS.size()));
    int nth = (int) squared(random, since == Fault.Since.END ? 20 : 40).toMillis();
    if (kind.isLate()) {
      // A service carries a create out within its time limit, or not at all.
      lasting = Duration.ofMillis(random.nextInt(58_000));
    }
    if (kind == Fault.Kind.KILL_SWEEPER) {
      lasting = Duration.ofMillis(random.nextInt(10_000));
    }
    return new Fault(kind, since, at, lasting, target, kind.isOfACall() ? operation : null, nth);
  }

  /** More often early than late. */
  private static Duration squared(RandomGenerator random, long mostMillis) {
    return Duration.ofMillis((long) (Math.pow(random.nextDouble(), 2) * mostMillis));
  }

  Plan withFaults(List<Fault> some) {
    return new Plan(
        seed,
        place,
        workers,
        steps,
        elements,
        bundleSize,
        slots,
        isolation,
        concurrency,
        warm,
        maxAttempts,
        failureOutput,
        lease,
        seals,
        latency,
        startTakes,
        stopTakes,
        commandsTake,
        listLag,
        listFlaps,
        pageSize,
        keepEnded,
        quota,
        ending,
        skew,
        operatorWaits,
        List.copyOf(some));
  }

  String jobId() {
    return "sim-" + Long.toUnsignedString(seed);
  }

  /** The step's name; one is a prefix of the other. */
  static String step(int number) {
    return number == 0 ? "Grade" : "Grade.Again";
  }

  private static String pick(RandomGenerator random, String... values) {
    return values[random.nextInt(values.length)];
  }

  private static Duration millis(RandomGenerator random, long... values) {
    return Duration.ofMillis(values[random.nextInt(values.length)]);
  }
}
