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

  /**
   * How many bundles it runs at a time. A bounded step makes as many: its bundles then hold every
   * thread while their commands run. An idle thread of this runner polls without pause and takes a
   * processor from the commands.
   */
  static int threads(PipelineOptions options) {
    try {
      Class<? extends PipelineOptions> direct = options(options);
      return (Integer) direct.getMethod("getTargetParallelism").invoke(options.as(direct));
    } catch (ReflectiveOperationException e) {
      LOG.warn("The direct runner does not say how many threads it has", e);
      return defaultThreads();
    }
  }

  private static int defaultThreads() {
    return Math.max(3, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Gives it a thread for each command of a step that is to run at a time, unless the user has said
   * how many it has: for steps whose bundles may be small, since a bundle holds its thread until
   * its commands have ended.
   */
  static void raiseThreads(PipelineOptions options, int commands) {
    try {
      Class<? extends PipelineOptions> direct = options(options);
      int wanted = Math.min(commands, MOST_THREADS);
      if (threads(options) == defaultThreads() && wanted > defaultThreads()) {
        direct.getMethod("setTargetParallelism", int.class).invoke(options.as(direct), wanted);
      }
    } catch (ReflectiveOperationException e) {
      LOG.warn("The direct runner keeps its threads; fewer commands run at a time", e);
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
