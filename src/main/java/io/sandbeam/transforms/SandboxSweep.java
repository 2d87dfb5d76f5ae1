package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Wait;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sandboxes that one step of this job left behind, when a bounded collection is complete.
 * {@link SandboxExec} has it inside; use it by yourself behind a later collection, when workers may
 * be lost in between.
 *
 * <pre>{@code
 * written.apply("SweepGrade", SandboxSweep.ofStep("Grade"));
 * }</pre>
 *
 * <p>It lists by the job's and the step's tags, so that no other step and no other job is touched;
 * the output is one row with the report. It does not seal the job, since another step of it may
 * still run: what a forgotten bundle creates later, the sweep of {@link SandboxJob} ends, which
 * seals. A sweep that leaves something, or does not know, does not fail the pipeline, whose work is
 * done: it is logged, and the sweep of {@link SandboxJob} has the last word.
 *
 * <p>It does not run when a step before it fails or the job is cancelled, and it does not wait for
 * processes: only for committed bundles. For an unbounded input it is refused when the pipeline is
 * built.
 */
public final class SandboxSweep extends PTransform<PCollection<?>, PCollection<Row>>
    implements UsesSandboxes {
  private static final long serialVersionUID = 1;

  private final String step;

  private SandboxSweep(String step) {
    this.step = step;
  }

  /**
   * Sweeps one step.
   *
   * @param step the name under which a {@link SandboxExec} was applied, such as {@code Grade}; if
   *     several end so, with the composites around it: {@code Outer/Grade}
   */
  public static SandboxSweep ofStep(String step) {
    if (Objects.requireNonNull(step, "step").isBlank()) {
      throw new IllegalArgumentException(
          "Invalid step '': name the SandboxExec whose sandboxes are to be swept");
    }
    return new SandboxSweep(step);
  }

  @Override
  public PCollection<Row> expand(PCollection<?> input) {
    SandboxTemplates.refuse(input.getPipeline().getOptions());
    PCollection<Void> complete = Signals.of(List.of(input));
    String fullName = StepName.find(input.getPipeline(), step);
    String jobId = SandboxOptions.jobId(input.getPipeline().getOptions());
    ServiceConfig service = SandboxOptions.serviceConfig(input.getPipeline().getOptions());
    return PBegin.in(input.getPipeline())
        .apply("Step", Create.of(fullName).withCoder(StringUtf8Coder.of()))
        .apply("WaitForAll", Wait.on(complete))
        .apply("Sweep", ParDo.of(new SweepFn(jobId, service)))
        .setRowSchema(SweepRows.SCHEMA);
  }

  /** What sweeps a step while its job goes on. */
  static Sweep sweepOf(SandboxService service, String jobId, String step) {
    // No quiet time: whatever appears after this belongs to a bundle whose results nobody will
    // see, and the launcher's sweep waits for those.
    return Sweep.of(service).job(jobId).step(step).quietTime(Duration.ZERO);
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    builder.add(DisplayData.item("step", step).withLabel("Step that is swept"));
  }

  /** Sweeps the steps that come as elements. */
  private static final class SweepFn extends DoFn<String, Row> {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(SandboxSweep.class);

    /** How long sandboxes that are kept for reuse here get to end before they are swept. */
    private static final Duration POOLS_DEADLINE = Duration.ofSeconds(10);

    private final String jobId;
    private final ServiceConfig service;
    private final Counter swept = ExecMetrics.counter(ExecMetrics.SWEPT);

    SweepFn(String jobId, ServiceConfig service) {
      this.jobId = jobId;
      this.service = service;
    }

    @ProcessElement
    public void sweep(@Element String step, OutputReceiver<Row> output)
        throws InterruptedException {
      awaitPools(step);
      SweepReport report = run(step);
      swept.inc(report.deleted());
      if (report.outcome() == SweepReport.Outcome.EMPTY) {
        LOG.debug("Step {} of job {}: {}", step, jobId, report.line());
      } else {
        LOG.warn(
            "Step {} of job {}: {}. Type: {}",
            step,
            jobId,
            report.line(),
            SandboxJob.sweepCommand(jobId, service));
      }
      output.output(SweepRows.of(report));
    }

    /** Those who know their sandboxes end them first; what then is left is really left behind. */
    private void awaitPools(String step) throws InterruptedException {
      try {
        WorkerSessions.ofThisJvm()
            .retirePools(jobId, step)
            .get(POOLS_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        LOG.warn("Step {} of job {}: its pool is still ending; it is swept", step, jobId);
      } catch (ExecutionException e) {
        throw new IllegalStateException("a pool's retirement never fails", e);
      }
    }

    private SweepReport run(String step) throws InterruptedException {
      try (SharedServices.Held held = SharedServices.hold(service)) {
        return sweepOf(held.service(), jobId, step).run().get();
      } catch (ExecutionException | SandboxException e) {
        Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
        LOG.warn("Step {} of job {} could not be swept", step, jobId, cause);
        return SweepReport.brokenOff(
            Set.of(Tag.PRODUCT, Tag.job(jobId), Tag.step(step)),
            String.valueOf(cause.getMessage()),
            Instant.now());
      }
    }
  }
}
