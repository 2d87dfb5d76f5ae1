package io.sandbeam.runners;

import java.util.List;

/** Spark in this JVM: two threads, and tasks that are tried up to four times. */
class SparkLocalSuite extends RunnerContract {

  @Override
  List<String> runner() {
    return List.of("--runner=SparkRunner", "--sparkMaster=local[2,4]");
  }

  @Override
  Retries retries() {
    return Retries.SOME;
  }

  @Override
  Jobs jobs() {
    return Jobs.ONE_AFTER_ANOTHER;
  }
}
