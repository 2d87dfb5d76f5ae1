package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;

/** The transforms as Beam YAML and other languages see them. */
class SchemaTransformsTest extends FaultyPipelineTest {
  private static final Schema LINES =
      Schema.builder().addNullableField("line", Schema.FieldType.STRING).build();

  private final SchemaTransformProvider exec = new SandboxExecSchemaTransformProvider();

  private static SchemaTransformProvider found(String identifier) {
    return ServiceLoader.load(SchemaTransformProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.identifier().equals(identifier))
        .findFirst()
        .orElseThrow();
  }

  private Row config(Map<String, Object> values) {
    Map<String, Object> all = new HashMap<>();
    exec.configurationSchema().getFieldNames().forEach(name -> all.put(name, null));
    all.putAll(values);
    return Row.withSchema(exec.configurationSchema()).withFieldValues(all).build();
  }

  private static PCollection<Row> lines(Pipeline pipeline, String... lines) {
    return pipeline.apply(
        Create.of(
                Arrays.stream(lines)
                    .map(line -> Row.withSchema(LINES).addValue(line).build())
                    .toList())
            .withRowSchema(LINES));
  }

  @Test
  void givenTheJar_thenBothAreFoundByTheirIdentifiers() {
    assertThat(
        found("beam:schematransform:org:sandbeam:exec:v1").outputCollectionNames(),
        hasItem("output"));
    assertThat(
        found("beam:schematransform:org:sandbeam:sweep:v1").inputCollectionNames(),
        is(List.of("input")));
  }

  @Test
  void givenTheConfiguration_thenItsFieldsAreSnakeCaseAndDescribed() {
    Schema schema = exec.configurationSchema();
    assertThat(
        schema.getFieldNames(),
        containsInAnyOrder(
            "command",
            "id",
            "stdin",
            "env",
            "files",
            "outputs",
            "interpolate",
            "image",
            "timeout",
            "concurrency",
            "isolation",
            "memory",
            "cpu",
            "disk",
            "processes",
            "network",
            "tags",
            "max_lifetime",
            "max_output",
            "max_attempts",
            "max_reuses",
            "redistribute",
            "error_handling"));
    schema
        .getFields()
        .forEach(field -> assertThat(field.getName(), field.getDescription().isBlank(), is(false)));
    assertThat(
        schema.getFields().stream().allMatch(field -> field.getType().getNullable()), is(true));
  }

  @Test
  void givenErrorHandling_thenBadRowsGoToItsOutputAndTheRestToOutput() {
    Pipeline pipeline = pipeline();
    Schema handling =
        exec.configurationSchema().getField("error_handling").getType().getRowSchema();
    Row config =
        config(
            Map.of(
                "command", List.of("echo", "{line}"),
                "timeout", "10s",
                "memory", "64Mi",
                "cpu", "0.5",
                "isolation", "worker",
                "error_handling", Row.withSchema(handling).addValue("bad").build()));

    PCollectionRowTuple output =
        PCollectionRowTuple.of("input", lines(pipeline, "a", null, "b"))
            .apply("Say", exec.from(config));

    PAssert.thatSingleton(output.get("output").apply("CountGood", Count.globally())).isEqualTo(2L);
    PAssert.that(output.get("bad"))
        .satisfies(
            rows -> {
              Row row = rows.iterator().next();
              assertThat(row.getString("reason"), is("INVALID_ELEMENT"));
              assertThat(row.getString("message"), is("Field 'line' is null"));
              return null;
            });
    JobResult end = SandboxJob.run(pipeline).orThrow();
    assertThat(end.account().orElseThrow().notRun(), is(1L));
    assertThat(end.exitCode(), is(JobResult.COMMANDS_FAILED));
    assertThat(service.all().get(0).spec().tags().toString(), containsString("step.Say,"));
  }

  @Test
  void givenABadValue_thenTheErrorNamesTheFieldTheValueAndTheRule() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> exec.from(config(Map.of("timeout", "10 bananas"))));
    assertThat(
        error.getMessage(),
        allOf(
            containsString("'timeout'"), containsString("'10 bananas'"), containsString("1m30s")));
    error =
        assertThrows(
            IllegalArgumentException.class, () -> exec.from(config(Map.of("isolation", "workr"))));
    assertThat(error.getMessage(), containsString("did you mean worker?"));
    error =
        assertThrows(
            IllegalArgumentException.class, () -> exec.from(config(Map.of("memory", "lots"))));
    assertThat(error.getMessage(), allOf(containsString("'memory'"), containsString("'lots'")));
  }

  @Test
  void givenASweepStep_thenItRunsBehindItsInputAndReports() {
    Pipeline pipeline = pipeline();
    PCollection<Row> said =
        PCollectionRowTuple.of("input", lines(pipeline, "a", "b"))
            .apply("Say", exec.from(config(Map.of("command", List.of("echo", "{line}")))))
            .get("output");
    SchemaTransformProvider sweep = new SandboxSweepSchemaTransformProvider();
    Row config = Row.withSchema(sweep.configurationSchema()).addValue("Say").build();

    PCollection<Row> report =
        PCollectionRowTuple.of("input", said).apply("Sweep", sweep.from(config)).get("output");

    PAssert.that(report)
        .satisfies(
            rows -> {
              assertThat(rows.iterator().next().getString("outcome"), is("EMPTY"));
              return null;
            });
    SandboxJob.run(pipeline).orThrow();
  }

  @Test
  void givenASweepOfAnUnknownStep_thenTheErrorNamesTheSteps() {
    Pipeline pipeline = pipeline();
    PCollection<Row> said =
        lines(pipeline, "a").apply("Say", SandboxExec.of("echo", "{line}")).results();
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class, () -> said.apply("Sweep", SandboxSweep.ofStep("Sey")));
    assertThat(
        error.getMessage(), allOf(containsString("'Sey'"), containsString("did you mean Say?")));
  }
}
