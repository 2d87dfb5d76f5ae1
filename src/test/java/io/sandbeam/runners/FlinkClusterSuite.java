package io.sandbeam.runners;

import java.util.List;

/** A Flink session cluster, from the JVM of a launcher. */
class FlinkClusterSuite extends RunnerContract {
  /** Where the cluster is. */
  static final String MASTER = "sandbeam.test.flinkMaster";

  /** What its workers load. */
  static final String STAGED = "sandbeam.test.staged";

  @Override
  List<String> runner() {
    return List.of(
        "--runner=FlinkRunner",
        "--parallelism=2",
        "--flinkMaster=" + System.getProperty(MASTER),
        "--filesToStage=" + System.getProperty(STAGED));
  }

  @Override
  Retries retries() {
    return Retries.SOME;
  }

  /** Of {@code --parallelism=2}. */
  @Override
  int tasks() {
    return 2;
  }

  @Override
  Jobs jobs() {
    return Jobs.AT_ONCE;
  }
}
