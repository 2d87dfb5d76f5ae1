package io.sandbeam.cli;

import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepProgress;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.sandbox.SweepReport.Outcome;
import io.sandbeam.sandbox.SweepReportFile;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandbeam sweep}: deletes what a job, or a set of tags, has left. */
@Command(
    name = "sweep",
    description = {
      "Deletes the sandboxes of a job, or those that carry all given tags, and proves that none is left.",
      "Sandboxes of other jobs are never touched. Sweeping twice, or twice at once, is harmless.",
      "A job that is swept as a whole is over: where the service can remember that, no sandbox is",
      "created for it any more."
    },
    footer = {
      "",
      "Exit status: 0 proven empty (or a dry run that could look); 4 sandboxes are left, or nobody can tell.",
      "",
      "Examples:",
      "  sandbeam sweep --job=nightly-k3v9x2qa",
      "  sandbeam sweep --tag=my-project --older-than=1h --dry-run",
      "  sandbeam sweep --service=docker --job=nightly-k3v9x2qa"
    })
final class SweepCommand implements Callable<Integer> {
  private static final Duration TELL_AFTER = Duration.ofSeconds(1);

  private final Terminal terminal;

  @Mixin private ServiceArgs service = new ServiceArgs();

  @Option(names = "--job", paramLabel = "ID", description = "The job whose sandboxes go.")
  private String job;

  @Option(names = "--step", paramLabel = "NAME", description = "Only those of one step of the job.")
  private String step;

  @Option(
      names = "--tag",
      paramLabel = "TAG",
      description = "Only those that carry this tag, whole; repeatable: all of them.")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Only those created longer ago: 30m, 1h30m, 2d.")
  private Duration olderThan;

  @Option(
      names = "--sweepReport",
      paramLabel = "FILE",
      description = "Also write the report there, as JSON.")
  private String reportFile;

  @Option(names = "--dry-run", description = "Only count; delete nothing.")
  private boolean isDryRun;

  SweepCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Optional<SweepReportFile> file = Optional.ofNullable(reportFile).map(SweepReportFile::at);
    try (SandboxService opened = service.open()) {
      Sweep sweep =
          Sweep.of(opened)
              .tags(tags.stream().map(Tag::of).toList())
              .dryRun(isDryRun ? DryRun.YES : DryRun.NO)
              .progress(this::tell);
      if (job != null) {
        sweep = sweep.job(job);
      }
      if (step != null) {
        sweep = sweep.step(step);
      }
      if (olderThan != null) {
        sweep = sweep.olderThan(olderThan);
      }
      SweepReport report = Reports.await(sweep.run());
      int status = tell(report);
      file.ifPresent(place -> place.write(report));
      return status;
    }
  }

  /** Only for sweeps that take a while. */
  private void tell(SweepProgress progress) {
    boolean goesOn = progress.gone() < progress.found();
    if (goesOn && progress.elapsed().compareTo(TELL_AFTER) >= 0) {
      terminal.say(
          String.format(
              Locale.ROOT,
              "sweeping: %,d of %,d gone after %d s",
              progress.gone(),
              progress.found(),
              progress.elapsed().toSeconds()));
    }
  }

  private int tell(SweepReport report) {
    report.problems().forEach(terminal::say);
    report.leftIds().forEach(id -> terminal.say((isDryRun ? "found: " : "left: ") + id));
    if (report.left() > report.leftIds().size()) {
      terminal.say("… and " + (report.left() - report.leftIds().size()) + " more");
    }
    terminal.out().println(report.line());
    boolean isFine =
        report.outcome() == Outcome.EMPTY || (isDryRun && report.outcome() == Outcome.LEFT);
    return isFine ? ExitCode.OK : ExitCode.LEFT;
  }
}
