package io.sandbeam.sandbox;

import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.service.DryRun;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** A sweep's report for people: {@code 2 swept, 1 expired, 0 left (proven empty, host-a)}. */
final class SweepLine {
  private static final int SHOWN = 3;

  private SweepLine() {}

  static String of(SweepReport report) {
    StringBuilder line = new StringBuilder(counts(report));
    List<String> ids = report.leftIds();
    if (!ids.isEmpty()) {
      line.append(": ").append(String.join(", ", ids.subList(0, Math.min(SHOWN, ids.size()))));
      line.append(report.left() > SHOWN ? ", …" : "");
    }
    List<String> proof = new ArrayList<>();
    proof.add(proof(report));
    proof.addAll(new TreeSet<>(report.hosts()));
    return line.append(" (").append(String.join(", ", proof)).append(")").toString();
  }

  private static String counts(SweepReport report) {
    if (report.dryRun() == DryRun.YES) {
      return "dry run: " + report.found() + " found, nothing deleted";
    }
    List<String> counts = new ArrayList<>();
    counts.add(report.deleted() + " swept");
    add(counts, report.alreadyGone(), "already gone");
    add(counts, report.expired(), "expired");
    boolean known = report.outcome() != Outcome.UNKNOWN;
    counts.add((known ? report.left() : "unknown how many") + " left");
    if (known) {
      add(counts, report.stuck(), "of them stuck");
      add(counts, report.unknown(), "of them in doubt");
    }
    return String.join(", ", counts);
  }

  private static void add(List<String> counts, int count, String what) {
    if (count > 0) {
      counts.add(count + " " + what);
    }
  }

  private static String proof(SweepReport report) {
    if (report.outcome() == Outcome.EMPTY) {
      return "proven empty"
          + (report.withoutSeal() ? " without a seal" : "")
          + (report.withoutSeal() && !report.quietTime().isZero()
              ? ", after " + Retry.seconds(report.quietTime()) + " of quiet"
              : "");
    }
    List<String> problems = report.problems();
    return (report.outcome() == Outcome.UNKNOWN ? "not proven" : "not empty")
        + (problems.isEmpty() ? "" : ": " + problems.get(problems.size() - 1));
  }
}
