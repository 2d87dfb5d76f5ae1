package io.sandbeam.transforms;

import java.lang.reflect.Field;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is particular to Beam's Flink runner, which need not be on the class path. */
final class FlinkRunnerOptions {
  private static final Logger LOG = LoggerFactory.getLogger(FlinkRunnerOptions.class);
  private static final String PACKAGE = "org.apache.beam.runners.flink.";

  /** How often a job's end is looked for: Beam's own default, long for a short job, and ours. */
  private static final int BEAMS_CHECK_INTERVAL_SECONDS = 5;

  private static final int CHECK_INTERVAL_SECONDS = 1;

  /** A failed job's reason is kept by the JobManager; asking for it takes a call. */
  private static final int REASON_LIMIT_SECONDS = 20;

  private FlinkRunnerOptions() {}

  /** Whether a pipeline with these options runs on Flink. */
  static boolean isChosen(PipelineOptions options) {
    return options.getRunner().getName().equals(PACKAGE + "FlinkRunner");
  }

  /** Whether the job runs on a cluster, and not in this JVM. */
  static boolean isOnCluster(PipelineOptions options) {
    return isChosen(options) && !get(options, "getFlinkMaster", "[auto]").startsWith("[");
  }

  /** Whether the user wants {@code run()} to return when the cluster has taken the job. */
  static boolean isDetached(PipelineOptions options) {
    return isOnCluster(options) && !get(options, "getAttachedMode", true);
  }

  /**
   * Makes {@code run()} return when the cluster has taken the job. Attached, it blocks and gives
   * nothing to cancel the job by: who stops waiting would leave it running.
   */
  static void letRunReturn(PipelineOptions options) {
    if (!isOnCluster(options)) {
      return;
    }
    try {
      Class<? extends PipelineOptions> flink = type(options);
      PipelineOptions mine = options.as(flink);
      flink.getMethod("setAttachedMode", boolean.class).invoke(mine, false);
      if (get(options, "getJobCheckIntervalInSecs", 0) == BEAMS_CHECK_INTERVAL_SECONDS) {
        flink
            .getMethod("setJobCheckIntervalInSecs", int.class)
            .invoke(mine, CHECK_INTERVAL_SECONDS);
      }
    } catch (ReflectiveOperationException e) {
      LOG.warn("The Flink runner's run() cannot be told to return; a signal does not cancel", e);
    }
  }

  /** Why a job on a cluster failed: its result has the state alone. */
  static Optional<Throwable> reason(PipelineResult result) {
    if (!result.getClass().getName().equals(PACKAGE + "FlinkDetachedRunnerResult")) {
      return Optional.empty();
    }
    try {
      Field client = result.getClass().getDeclaredField("jobClient");
      client.setAccessible(true);
      Future<?> end =
          (Future<?>)
              client.getType().getMethod("getJobExecutionResult").invoke(client.get(result));
      end.get(REASON_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return Optional.of(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ReflectiveOperationException | TimeoutException | RuntimeException e) {
      LOG.warn("The cluster does not tell why the job failed", e);
    }
    return Optional.empty();
  }

  private static Class<? extends PipelineOptions> type(PipelineOptions options)
      throws ClassNotFoundException {
    return Class.forName(
            PACKAGE + "FlinkPipelineOptions", true, options.getRunner().getClassLoader())
        .asSubclass(PipelineOptions.class);
  }

  @SuppressWarnings("unchecked")
  private static <T> T get(PipelineOptions options, String getter, T fallback) {
    try {
      Class<? extends PipelineOptions> flink = type(options);
      return (T) flink.getMethod(getter).invoke(options.as(flink));
    } catch (ReflectiveOperationException e) {
      LOG.warn("The Flink runner has no {}; {} is assumed", getter, fallback, e);
      return fallback;
    }
  }
}
