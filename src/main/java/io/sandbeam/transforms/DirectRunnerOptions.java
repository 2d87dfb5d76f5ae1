package io.sandbeam.transforms;

import org.apache.beam.sdk.options.PipelineOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is particular to Beam's direct runner, which need not be on the class path. */
final class DirectRunnerOptions {
  private static final Logger LOG = LoggerFactory.getLogger(DirectRunnerOptions.class);
  private static final String PACKAGE = "org.apache.beam.runners.direct.";

  /** Threads that mostly wait are cheap, and yet not free. */
  private static final int MOST_THREADS = 64;

  private DirectRunnerOptions() {}

  /** Whether a pipeline with these options runs on it. */
  static boolean isChosen(PipelineOptions options) {
    return options.getRunner().getName().equals(PACKAGE + "DirectRunner");
  }

  /** How many bundles it runs at a time, unless told otherwise. */
  static int threads() {
    return Math.max(3, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Gives it a thread for each command of a step that is to run at a time, unless the user has said
   * how many it has. Each thread waits for the commands of its bundle, and of a small input it
   * makes bundles of one element.
   */
  static void raiseThreads(PipelineOptions options, int commands) {
    if (!isChosen(options)) {
      return;
    }
    try {
      Class<? extends PipelineOptions> direct = options(options);
      PipelineOptions mine = options.as(direct);
      Object now = direct.getMethod("getTargetParallelism").invoke(mine);
      int wanted = Math.min(commands, MOST_THREADS);
      if (now.equals(threads()) && wanted > threads()) {
        direct.getMethod("setTargetParallelism", int.class).invoke(mine, wanted);
      }
    } catch (ReflectiveOperationException e) {
      LOG.warn(
          "The direct runner keeps its {} threads; fewer commands run at a time", threads(), e);
    }
  }

  private static Class<? extends PipelineOptions> options(PipelineOptions options)
      throws ClassNotFoundException {
    return Class.forName(PACKAGE + "DirectOptions", true, options.getRunner().getClassLoader())
        .asSubclass(PipelineOptions.class);
  }

  /** Makes {@code run()} return when the job has started, not when it has ended. */
  static void letRunReturn(PipelineOptions options) {
    if (!isChosen(options)) {
      return;
    }
    try {
      Class<? extends PipelineOptions> direct = options(options);
      direct.getMethod("setBlockOnRun", boolean.class).invoke(options.as(direct), false);
    } catch (ReflectiveOperationException e) {
      LOG.warn(
          "The direct runner's run() cannot be told to return; a signal is slower to cancel", e);
    }
  }
}
