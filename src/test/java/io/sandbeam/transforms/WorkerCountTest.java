package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.Map;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.junit.jupiter.api.Test;

/** How many workers there are, as far as options tell. */
class WorkerCountTest {
  private static final String DIRECT = "org.apache.beam.runners.direct.DirectRunner";
  private static final String FLINK = "org.apache.beam.runners.flink.FlinkRunner";
  private static final String SPARK = "org.apache.beam.runners.spark.SparkRunner";
  private static final String DATAFLOW = "org.apache.beam.runners.dataflow.DataflowRunner";

  /** As some runner has it. */
  public interface ClusterOptions extends PipelineOptions {
    String getFlinkMaster();

    void setFlinkMaster(String master);

    Integer getParallelism();

    void setParallelism(Integer parallelism);
  }

  @Test
  void givenARunnerInThisJvm_thenThereIsOne() {
    assertThat(WorkerCount.of(DIRECT, Map.of()), is(1));
    assertThat(WorkerCount.of(FLINK, Map.of("flinkMaster", "[local]", "parallelism", "4")), is(1));
    assertThat(WorkerCount.of(SPARK, Map.of("sparkMaster", "local[4,4]")), is(1));
  }

  @Test
  void givenAClusterThatIsTold_thenThereAreAsMany() {
    Map<String, String> flink = Map.of("flinkMaster", "host:8081", "parallelism", "4");
    assertThat(WorkerCount.of(FLINK, flink), is(4));
    assertThat(WorkerCount.of(DATAFLOW, Map.of("maxNumWorkers", "20")), is(20));
  }

  @Test
  void givenAClusterThatDecides_thenNobodyCanTell() {
    assertThat(WorkerCount.of(FLINK, Map.of("flinkMaster", "host:8081")), is(WorkerCount.UNKNOWN));
    assertThat(
        WorkerCount.of(FLINK, Map.of("flinkMaster", "host:8081", "parallelism", "-1")),
        is(WorkerCount.UNKNOWN));
    assertThat(WorkerCount.of(DATAFLOW, Map.of("maxNumWorkers", "0")), is(WorkerCount.UNKNOWN));
    assertThat(WorkerCount.of(SPARK, Map.of("sparkMaster", "spark://h")), is(WorkerCount.UNKNOWN));
    assertThat("spark-submit names it", WorkerCount.of(SPARK, Map.of()), is(WorkerCount.UNKNOWN));
    assertThat(
        "flink run names it",
        WorkerCount.of(FLINK, Map.of("parallelism", "4")),
        is(WorkerCount.UNKNOWN));
    assertThat(WorkerCount.of("com.example.Runner", Map.of()), is(WorkerCount.UNKNOWN));
  }

  @Test
  void givenOptions_thenThoseThatWereSetAreRead() {
    PipelineOptions options =
        PipelineOptionsFactory.fromArgs("--flinkMaster=host:8081", "--parallelism=3")
            .as(ClusterOptions.class);
    assertThat(WorkerCount.set(options).get("flinkMaster"), is("host:8081"));
    assertThat(WorkerCount.set(options).get("parallelism"), is("3"));
    assertThat("no runner is chosen, so the direct one", WorkerCount.of(options), is(1));
  }
}
