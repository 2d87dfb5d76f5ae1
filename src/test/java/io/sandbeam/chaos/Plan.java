package io.sandbeam.chaos;

import io.sandbeam.transforms.Isolation;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * All that chance decides about a round; the same seed and kind give the same plan.
 *
 * @param from what the moment is counted from
 * @param moment when the part breaks
 * @param outage how long what can be mended stays broken
 * @param manner how a network breaks
 */
record Plan(
    long seed,
    Kind kind,
    Place place,
    Isolation isolation,
    From from,
    Duration moment,
    Duration outage,
    Link.Manner manner) {

  private static final int LATEST_MS = 3500;
  private static final int LONGEST_OUTAGE_MS = 4000;

  /** A cluster gives a worker up after 6 seconds of silence; beyond that it is a zombie. */
  private static final int LONGEST_STOP_MS = 9000;

  /** What the moment is counted from. */
  enum From {
    /** The start of the launcher: its pipeline may not exist yet. */
    START,
    /** The first command that runs. */
    FIRST_COMMAND
  }

  static Plan of(long seed, Kind kind) {
    Random random = new Random(seed);
    // The first numbers of neighbouring seeds are nearly the same.
    random.nextInt();
    random.nextInt();
    Place place = pick(random, kind.places());
    Isolation isolation = pick(random, List.of(Isolation.values()));
    // Only where the victim is the launcher is there something to break so early.
    boolean early = random.nextInt(4) == 0 && kind.name().endsWith("_DIRECT");
    int longest = kind == Kind.STOP_TASKMANAGER ? LONGEST_STOP_MS : LONGEST_OUTAGE_MS;
    return new Plan(
        seed,
        kind,
        place,
        isolation,
        early ? From.START : From.FIRST_COMMAND,
        Duration.ofMillis(random.nextInt(LATEST_MS)),
        Duration.ofMillis(100 + random.nextInt(longest)),
        pick(random, List.of(Link.Manner.values())));
  }

  private static <T> T pick(Random random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** Every process of the round's commands has it in its environment, and nothing else has. */
  String marker() {
    return "sandbeam-chaos-" + Long.toHexString(seed) + "-" + kind.typed() + "-";
  }

  /** The job's id; that of the foreign job is a prefix of it. */
  String job() {
    return ForeignJob.ID + "-" + Long.toHexString(seed) + "-" + kind.typed();
  }

  String replay() {
    return "scripts/chaos --rounds=1 --seed=" + seed + " --kinds=" + kind.typed();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "seed %d %s: %s, isolation %s, %d ms after the %s, for %d ms%s",
        seed,
        kind.typed(),
        place.name().toLowerCase(Locale.ROOT),
        isolation.name().toLowerCase(Locale.ROOT),
        moment.toMillis(),
        from == From.START ? "start" : "first command",
        outage.toMillis(),
        kind == Kind.CUT_SERVER || kind == Kind.CUT_ENGINE ? ", " + manner : "");
  }
}
