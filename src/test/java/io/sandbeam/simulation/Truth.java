package io.sandbeam.simulation;

import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * What really happens, which no process knows, and whether it may. The first thing that may not is
 * kept.
 */
final class Truth {
  private final VirtualTime time;
  private final FaultySandboxService world;
  private final Tag job;
  private final Map<String, Birth> births = new HashMap<>();
  private final Set<String> closed = new HashSet<>();
  private final Set<String> swept = new HashSet<>();
  private final List<Fault> happened = new ArrayList<>();
  private final @Nullable List<String> trace;
  private @Nullable String broken;
  private boolean certified;
  private Duration lastEmpty = Duration.ZERO;
  private long digest = 1;

  private record Birth(Set<Tag> tags, Duration sent) {}

  /**
   * @param traced whether every event is kept as text
   */
  Truth(VirtualTime time, FaultySandboxService world, Tag job, boolean traced) {
    this.time = time;
    this.world = world;
    this.job = job;
    this.trace = traced ? new ArrayList<>() : null;
  }

  /** One more event; the digest of all of them tells two runs apart. */
  void trace(Object who, Supplier<String> what) {
    String text = what.get();
    digest = digest * 31 + (time.elapsed().toNanos() * 31 + text.hashCode());
    if (trace != null) {
      trace.add(
          String.format(
              Locale.ROOT, "%10.3f  %-12s %s", time.elapsed().toNanos() / 1e9, who, text));
    }
  }

  long digest() {
    return digest;
  }

  List<String> trace() {
    return trace == null ? List.of() : List.copyOf(trace);
  }

  /** A fault of the plan has come about. */
  void happened(Fault fault) {
    happened.add(fault);
  }

  List<Fault> happened() {
    return List.copyOf(happened);
  }

  /** An invariant does not hold. */
  void broken(String what) {
    trace("TRUTH", () -> what);
    if (broken == null) {
      broken = what + String.format(Locale.ROOT, " (at %.3f s)", time.elapsed().toMillis() / 1e3);
    }
  }

  @Nullable String broken() {
    return broken;
  }

  void created(SandboxInfo info, SimulatedProcess by, Duration sent) {
    if (births.putIfAbsent(info.id(), new Birth(info.spec().tags(), sent)) != null) {
      return; // the answer to a create that is repeated
    }
    trace(by, () -> "created " + shortId(info.id()));
    if (info.spec().tags().contains(job) && (certified || sent.compareTo(lastEmpty) < 0)) {
      broken("sandbox " + shortId(info.id()) + " comes into being after a sweep said EMPTY");
    }
  }

  /** One that has nothing to do with the job. */
  void foreign(SandboxInfo info) {
    births.put(info.id(), new Birth(info.spec().tags(), time.elapsed()));
  }

  /** A delete is carried out next. */
  void deleting(String id, SimulatedProcess by, Duty duty) {
    Birth birth = births.get(id);
    if (birth == null) {
      return;
    }
    if (!birth.tags().containsAll(duty.mayEnd())) {
      broken(by + " deletes sandbox " + shortId(id) + " with the tags " + birth.tags());
    }
    if (isLive(id) && !closed.contains(id) && !swept.contains(id)) {
      (duty.role() == Duty.Role.WORK ? closed : swept).add(id);
      trace(by, () -> "deletes " + shortId(id));
    }
  }

  /** A sweep of the whole job has ended: what it says must be so. */
  void reported(SimulatedProcess by, SweepReport report, Duration began) {
    trace(by, () -> "reports " + report.outcome() + ", sealing " + report.sealing());
    boolean sealed = report.sealing() == SweepReport.Sealing.SEALED;
    if (sealed && world.sealOf(job).join() != Seal.SEALED) {
      broken(by + " reports that the job is sealed, and it is not");
    }
    if (report.outcome() != SweepReport.Outcome.EMPTY) {
      return;
    }
    for (SandboxInfo info : world.live(job)) {
      // Without a seal a worker that lives on may create behind a sweep's back: nobody denies that.
      boolean afterwards = births.get(info.id()).sent().compareTo(began) >= 0;
      if (sealed || !afterwards) {
        broken(by + " reports EMPTY, and sandbox " + shortId(info.id()) + " is " + info.state());
      }
    }
    certified |= sealed;
    lastEmpty = began;
    if (report.found() != report.deleted() + report.alreadyGone() + report.expired()) {
      broken(by + " reports EMPTY, and its numbers do not add up: " + report.line());
    }
  }

  /** Whether a sandbox of these tags is alive. */
  boolean isLive(Set<Tag> tags) {
    return !world.live(tags.toArray(Tag[]::new)).isEmpty();
  }

  /** How many sandboxes with these tags ever were. */
  long created(Set<Tag> tags) {
    return births.values().stream().filter(birth -> birth.tags().containsAll(tags)).count();
  }

  private boolean isLive(String id) {
    return world.live().stream().anyMatch(info -> info.id().equals(id));
  }

  /** Nothing of the job may be alive any more. */
  void requireNothingAlive(String when) {
    for (SandboxInfo info : world.live(job)) {
      broken("sandbox " + shortId(info.id()) + " is " + info.state() + " " + when);
    }
  }

  /** Whatever nobody deleted must have ended by itself: created = closed + swept + expired. */
  void requireAccounted() {
    for (SandboxInfo info : world.all()) {
      boolean deleted = closed.contains(info.id()) || swept.contains(info.id());
      if (info.spec().tags().contains(job) && !deleted && info.state() != SandboxState.FAILED) {
        broken("sandbox " + shortId(info.id()) + " is " + info.state() + ", and nobody ended it");
      }
    }
    if (world.created() != births.size()) {
      broken(world.created() + " sandboxes were made, and " + births.size() + " are known");
    }
  }

  /** What became of the job's sandboxes. */
  Account account() {
    long created = created(Set.of(job));
    return new Account(
        created, closed.size(), swept.size(), created - closed.size() - swept.size());
  }

  /**
   * Of sandboxes, by who ended them first.
   *
   * @param closed by the worker that made them
   * @param expired by their lifetime, their lease or a crash
   */
  record Account(long created, long closed, long swept, long expired) {}

  private static String shortId(String id) {
    return Long.toString(Long.parseLong(id.substring(id.lastIndexOf('-') + 1), 16));
  }
}
