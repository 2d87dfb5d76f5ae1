package io.sandbeam.runners;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What holds on every runner, on Spark in the launcher. */
class SparkLocalTest {

  @TestFactory
  Stream<DynamicTest> contract() throws Exception {
    return Suite.run("spark", SparkLocalSuite.class, "-Dspark.ui.enabled=false");
  }
}
