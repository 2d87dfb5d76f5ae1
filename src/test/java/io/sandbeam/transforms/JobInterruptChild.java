package io.sandbeam.transforms;

import java.util.concurrent.CountDownLatch;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.PipelineRunner;
import org.apache.beam.sdk.metrics.MetricResults;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.joda.time.Duration;

/** A launcher that a test ends in the middle of a job: commands that sleep, in real sandboxes. */
public final class JobInterruptChild {
  private JobInterruptChild() {}

  public static void main(String[] args) {
    SandboxOptions options = PipelineOptionsFactory.fromArgs(args).as(SandboxOptions.class);
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(
            Create.of(
                Command.of("sleep", "300"), Command.of("sleep", "300"), Command.of("sleep", "300")))
        .apply("Sleep", SandboxExec.commands().withConcurrency(3));
    System.exit(SandboxJob.run(pipeline).exitCode());
  }

  /** Runs the job on the direct runner, which then answers neither a cancel nor a wait. */
  public static final class StuckRunner extends PipelineRunner<PipelineResult> {
    private final PipelineOptions options;

    private StuckRunner(PipelineOptions options) {
      this.options = options;
    }

    public static StuckRunner fromOptions(PipelineOptions options) {
      return new StuckRunner(options);
    }

    @Override
    public PipelineResult run(Pipeline pipeline) {
      options.setRunner(org.apache.beam.runners.direct.DirectRunner.class);
      DirectRunnerOptions.letRunReturn(options);
      return new Stuck(
          org.apache.beam.runners.direct.DirectRunner.fromOptions(options).run(pipeline));
    }
  }

  private record Stuck(PipelineResult running) implements PipelineResult {
    @Override
    public State getState() {
      return running.getState();
    }

    @Override
    public State cancel() {
      return forEver();
    }

    @Override
    public State waitUntilFinish(Duration duration) {
      return forEver();
    }

    @Override
    public State waitUntilFinish() {
      return forEver();
    }

    @Override
    public MetricResults metrics() {
      return running.metrics();
    }

    private static State forEver() {
      try {
        new CountDownLatch(1).await();
        return State.UNKNOWN;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
