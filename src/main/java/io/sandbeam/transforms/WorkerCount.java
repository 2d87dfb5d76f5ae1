package io.sandbeam.transforms;

import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.transforms.display.DisplayData;

/** How many workers a job has at most, where its options tell. */
final class WorkerCount {
  /** Nobody can tell: the runner decides by itself, or is not known here. */
  static final int UNKNOWN = 0;

  private static final String RUNNERS = "org.apache.beam.runners.";

  private WorkerCount() {}

  static int of(PipelineOptions options) {
    return of(options.getRunner().getName(), set(options));
  }

  /** What was set, by name: the runners' own options need not be on the class path. */
  static Map<String, String> set(PipelineOptions options) {
    Map<String, String> set = new TreeMap<>();
    for (DisplayData.Item item : DisplayData.from(options).items()) {
      if (item.getValue() != null) {
        set.putIfAbsent(item.getKey(), String.valueOf(item.getValue()));
      }
    }
    return set;
  }

  /**
   * As above.
   *
   * @param runner the name of its class
   * @param set the options that were set, by name
   */
  static int of(String runner, Map<String, String> set) {
    return switch (runner) {
      case RUNNERS + "direct.DirectRunner" -> 1;
      // Who submits a job may name a master that the options do not: unnamed is not local.
      case RUNNERS + "spark.SparkRunner" ->
          set.getOrDefault("sparkMaster", "").startsWith("local") ? 1 : UNKNOWN;
      case RUNNERS + "flink.FlinkRunner" -> flink(set);
      case RUNNERS + "dataflow.DataflowRunner" -> number(set, "maxNumWorkers");
      default -> UNKNOWN;
    };
  }

  /** A task of a step is on one TaskManager: no more of them have the step than it has tasks. */
  private static int flink(Map<String, String> set) {
    return switch (set.getOrDefault("flinkMaster", "[auto]")) {
      case "[local]", "[collection]" -> 1;
      case "[auto]" -> UNKNOWN;
      default -> number(set, "parallelism");
    };
  }

  private static int number(Map<String, String> set, String option) {
    String value = set.getOrDefault(option, "");
    return value.matches("[1-9]\\d{0,6}") ? Integer.parseInt(value) : UNKNOWN;
  }
}
