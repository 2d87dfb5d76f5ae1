package io.sandbeam.transforms;

import org.apache.beam.sdk.options.PipelineOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is particular to Beam's direct runner, which need not be on the class path. */
final class DirectRunnerOptions {
  private static final Logger LOG = LoggerFactory.getLogger(DirectRunnerOptions.class);
  private static final String PACKAGE = "org.apache.beam.runners.direct.";

  private DirectRunnerOptions() {}

  /** Whether a pipeline with these options runs on it. */
  static boolean isChosen(PipelineOptions options) {
    return options.getRunner().getName().equals(PACKAGE + "DirectRunner");
  }

  /** How many bundles it runs at a time, unless told otherwise. */
  static int threads() {
    return Math.max(3, Runtime.getRuntime().availableProcessors());
  }

  /** Makes {@code run()} return when the job has started, not when it has ended. */
  static void letRunReturn(PipelineOptions options) {
    if (!isChosen(options)) {
      return;
    }
    try {
      Class<? extends PipelineOptions> direct =
          Class.forName(PACKAGE + "DirectOptions", true, options.getRunner().getClassLoader())
              .asSubclass(PipelineOptions.class);
      direct.getMethod("setBlockOnRun", boolean.class).invoke(options.as(direct), false);
    } catch (ReflectiveOperationException e) {
      LOG.warn(
          "The direct runner's run() cannot be told to return; a signal is slower to cancel", e);
    }
  }
}
