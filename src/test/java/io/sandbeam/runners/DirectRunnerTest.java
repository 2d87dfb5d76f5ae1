package io.sandbeam.runners;

import java.util.List;

/** Beam's direct runner, in this JVM. */
class DirectRunnerTest extends RunnerContract {

  @Override
  List<String> runner() {
    return List.of("--runner=DirectRunner");
  }

  @Override
  Retries retries() {
    return Retries.NONE;
  }

  @Override
  Jobs jobs() {
    return Jobs.AT_ONCE;
  }
}
