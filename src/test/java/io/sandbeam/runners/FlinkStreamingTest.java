package io.sandbeam.runners;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What holds on every runner, on Flink embedded in the launcher, in streaming mode. */
class FlinkStreamingTest {

  @TestFactory
  Stream<DynamicTest> contract() throws Exception {
    return Suite.run("flink", FlinkStreamingSuite.class);
  }
}
