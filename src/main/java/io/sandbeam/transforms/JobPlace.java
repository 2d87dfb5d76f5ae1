package io.sandbeam.transforms;

import org.apache.beam.sdk.options.PipelineOptions;

/** Where a job lives, seen from the JVM that starts it. */
enum JobPlace {
  /** It ends with this JVM: the direct runner, embedded Flink, and Spark, whose driver is here. */
  THIS_JVM,
  /** It goes on without this JVM, or nobody knows. */
  ELSEWHERE;

  static JobPlace of(PipelineOptions options) {
    boolean here =
        DirectRunnerOptions.isChosen(options)
            || (FlinkRunnerOptions.isChosen(options) && !FlinkRunnerOptions.isOnCluster(options))
            || options.getRunner().getName().startsWith("org.apache.beam.runners.spark.");
    return here ? THIS_JVM : ELSEWHERE;
  }
}
