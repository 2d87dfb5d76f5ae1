package io.sandbeam.sandbox;

import io.sandbeam.service.DryRun;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a sweep did, and what it proved: the certificate of its end.
 *
 * @param outcome what is left; only EMPTY is success
 * @param sealing whether more could come into being meanwhile
 * @param selector the tags that everything it touched carries
 * @param found distinct live sandboxes it came upon
 * @param deleted of those, ended by this sweep and proven gone
 * @param alreadyGone of those, deleted by somebody else when this sweep came to them
 * @param expired of those, ended by themselves by then: their lifetime was over, or their owner
 *     died
 * @param stuck of those, not ended although their delete was accepted
 * @param unknown of those, neither deleted nor seen ended: what was asked about them failed
 * @param left how many may be alive in all; in a dry run what would be deleted
 * @param leftIds their ids, the first {@link #SHOWN_IDS}
 * @param emptyListsInARow how many lists in a row held no live sandbox, at the end
 * @param quietTime how long the lists had to be empty
 * @param hosts the machines that the lists covered
 * @param problems what went wrong, the first {@link #SHOWN_PROBLEMS}; also what later went well
 * @param startedAt by this machine's clock
 * @param took from the first call to the proof
 * @param dryRun with YES nothing was deleted
 */
public record SweepReport(
    Outcome outcome,
    Sealing sealing,
    Set<Tag> selector,
    int found,
    int deleted,
    int alreadyGone,
    int expired,
    int stuck,
    int unknown,
    int left,
    List<String> leftIds,
    int emptyListsInARow,
    Duration quietTime,
    Set<String> hosts,
    List<String> problems,
    Instant startedAt,
    Duration took,
    DryRun dryRun) {

  /** The most ids in {@link #leftIds()}. */
  public static final int SHOWN_IDS = 100;

  /** The most entries in {@link #problems()}. */
  public static final int SHOWN_PROBLEMS = 20;

  /** What is left. */
  public enum Outcome {
    /** Nothing: several lists in a row were empty, and every id once known is gone. */
    EMPTY,
    /** Some sandboxes are alive, or could not be shown to be gone: their ids are known. */
    LEFT,
    /** Nobody knows: a list failed, or access was denied. */
    UNKNOWN
  }

  /** Whether the service was told, before the first list, that the job is over. */
  public enum Sealing {
    /** It was: nothing that was not on the first list can come into being. */
    SEALED,
    /** This service cannot be told. A time without a sandbox stands in: {@link #quietTime()}. */
    UNSUPPORTED,
    /** It did not take the seal. A time without a sandbox stands in: {@link #quietTime()}. */
    FAILED,
    /** It was not to be told: only a part of a job was swept, or no job, or nothing at all. */
    NOT_ASKED
  }

  public SweepReport {
    selector = Collections.unmodifiableSet(new LinkedHashSet<>(selector));
    leftIds = List.copyOf(leftIds);
    hosts = Set.copyOf(hosts);
    problems = List.copyOf(problems);
  }

  /** The report of a sweep that did not get to its end, or not even to its start. */
  public static SweepReport brokenOff(Set<Tag> selector, String problem, Instant at) {
    return new SweepReport(
        Outcome.UNKNOWN,
        Sealing.NOT_ASKED,
        selector,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        0,
        Duration.ZERO,
        Set.of(),
        List.of(problem),
        at,
        Duration.ZERO,
        DryRun.NO);
  }

  /** Whether a time without a sandbox had to stand in for the seal. */
  public boolean withoutSeal() {
    return sealing == Sealing.UNSUPPORTED || sealing == Sealing.FAILED;
  }

  /** The proof in one line: {@code 2 swept, 0 left (proven empty, host-a)}. */
  public String line() {
    return SweepLine.of(this);
  }

  /** All of it as a JSON object, times in seconds and ISO-8601; see {@link SweepReportFile}. */
  public String json() {
    return SweepJson.of(this);
  }
}
