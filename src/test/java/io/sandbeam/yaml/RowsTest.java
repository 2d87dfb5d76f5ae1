package io.sandbeam.yaml;

import static io.sandbeam.yaml.PipelineFiles.applyError;
import static io.sandbeam.yaml.PipelineFiles.error;
import static io.sandbeam.yaml.PipelineFiles.run;
import static org.apache.beam.sdk.PipelineResult.State.DONE;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.Pipeline.PipelineExecutionException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.logicaltypes.EnumerationType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;

/** Rows written into a file, mapped, filtered, and shown as JSON. */
class RowsTest {

  @Test
  void givenElementsOfEveryKind_thenTheirTypesAreYamls() {
    CreateRows.Elements elements =
        elements(
            "elements:",
            "  - {i: 1, hex: 0x1F, oct: 017, f: 1.5, b: yes, s: '1', d: 2024-01-02, l: [1, 2.5], m: {k: v}, n: 1}",
            "  - {i: -2, hex: 1_000, oct: 1:30, f: 2, b: false, s: x, d: 2024-01-03, l: [], m: {k: w}, n: null}");
    assertThat(
        elements.rows().stream().map(RowWriter::line).toList(),
        equalTo(
            List.of(
                "{\"i\":1,\"hex\":31,\"oct\":15,\"f\":1.5,\"b\":true,\"s\":\"1\",\"d\":\"2024-01-02\",\"l\":[1.0,2.5],\"m\":{\"k\":\"v\"},\"n\":1}",
                "{\"i\":-2,\"hex\":1000,\"oct\":90,\"f\":2.0,\"b\":false,\"s\":\"x\",\"d\":\"2024-01-03\",\"l\":[],\"m\":{\"k\":\"w\"},\"n\":null}")));
    assertThat(
        elements.schema().getField("n").getType(), equalTo(FieldType.INT64.withNullable(true)));
    assertThat(elements.schema().getField("i").getType(), equalTo(FieldType.INT64));
  }

  @Test
  void givenScalars_thenTheFieldIsElement() {
    assertThat(elements("elements: [a, b]").schema().getFieldNames(), equalTo(List.of("element")));
  }

  @Test
  void givenAMissingField_thenItIsNull() {
    CreateRows.Elements elements = elements("elements: [{a: 1}, {a: 2, b: x}]");
    assertThat(RowWriter.line(elements.rows().get(0)), equalTo("{\"a\":1,\"b\":null}"));
  }

  @Test
  void givenNumbersBeyondALong_thenTheyAreDecimals() {
    CreateRows.Elements elements = elements("elements: [1, 123456789012345678901234567890]");
    assertThat(
        RowWriter.line(elements.rows().get(1)),
        equalTo("{\"element\":123456789012345678901234567890}"));
  }

  @Test
  void givenMixedTypes_thenNamesFieldAndLines() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - type: Create",
            "      config:",
            "        elements:",
            "          - {a: {b: 1}}",
            "          - {a: {b: x}}"),
        equalTo(
            "test.yaml:6:11: 'elements' of Create: field 'a.b' has values of different types: a number (line"
                + " 6), text (line 7)"));
  }

  @Test
  void givenElementsThatAreNoList_thenSaysSo() {
    assertThat(
        error("pipeline:", "  transforms:", "    - {type: Create, config: {elements: x}}"),
        equalTo("test.yaml:3:41: 'elements' of Create must be a list, not 'x'"));
  }

  @Test
  void givenBytes_thenTextWhereItIsTextAndBase64WhereNot() {
    Schema schema =
        Schema.builder()
            .addByteArrayField("out")
            .addArrayField("parts", FieldType.BYTES)
            .addMapField("files", FieldType.STRING, FieldType.BYTES)
            .build();
    byte[] binary = {(byte) 0xff, 0};
    byte[] text = {'h', 'i', 10};
    Row textual = Row.withSchema(schema).addValues(text, List.of(text), Map.of("a", text)).build();
    Row mixed =
        Row.withSchema(schema)
            .addValues(binary, List.of(text, binary), Map.of("a", binary))
            .build();
    assertThat(
        RowWriter.line(textual),
        equalTo("{\"out\":\"hi\\n\",\"parts\":[\"hi\\n\"],\"files\":{\"a\":\"hi\\n\"}}"));
    assertThat(
        RowWriter.line(mixed),
        equalTo(
            "{\"out_base64\":\"/wA=\",\"parts_base64\":[\"aGkK\",\"/wA=\"],\"files_base64\":{\"a\":\"/wA=\"}}"));
  }

  @Test
  void givenAFieldThatTheBase64FormWouldMeet_thenRefusesTheRows() {
    Schema schema = Schema.builder().addByteArrayField("out").addStringField("out_base64").build();
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> RowWriter.check(schema));
    assertThat(
        thrown.getMessage(), containsString("both a binary field 'out' and a field 'out_base64'"));
  }

  @Test
  void givenTimesChoicesAndOddNumbers_thenTheyAreReadable() {
    EnumerationType status = EnumerationType.create("SUCCEEDED", "FAILED");
    Schema schema =
        Schema.builder()
            .addDateTimeField("at")
            .addLogicalTypeField("micros", SqlTypes.TIMESTAMP)
            .addLogicalTypeField("status", status)
            .addDoubleField("nan")
            .addFloatField("f")
            .addDecimalField("d")
            .addNullableField("none", FieldType.STRING)
            .build();
    Row row =
        Row.withSchema(schema)
            .addValues(
                Instant.ofEpochMilli(0),
                java.time.Instant.ofEpochSecond(1),
                status.valueOf("FAILED"),
                Double.NaN,
                0.1f,
                new BigDecimal("1.10"),
                null)
            .build();
    assertThat(
        RowWriter.line(row),
        equalTo(
            "{\"at\":\"1970-01-01T00:00:00.000Z\",\"micros\":\"1970-01-01T00:00:01Z\",\"status\":\"FAILED\","
                + "\"nan\":\"NaN\",\"f\":0.1,\"d\":1.10,\"none\":null}"));
  }

  @Test
  void givenEqualRowsInAnyOrder_thenAssertEqualHolds() {
    assertThat(
        run(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{a: 1, b: x}, {a: 2.0}]}}",
            "    - {type: AssertEqual, config: {elements: [{a: 2}, {b: x, a: 1}]}}"),
        equalTo(DONE));
  }

  @Test
  void givenOtherRows_thenAssertEqualFailsAndShowsThem() {
    PipelineExecutionException thrown =
        assertThrows(
            PipelineExecutionException.class,
            () ->
                run(
                    "pipeline:",
                    "  type: chain",
                    "  transforms:",
                    "    - {type: Create, config: {elements: ['3', x]}}",
                    "    - {type: AssertEqual, config: {elements: [y, '3']}}"));
    assertThat(
        thrown.getMessage(),
        containsString("1 missing [{\"element\":\"y\"}], 1 unexpected [{\"element\":\"x\"}]"));
  }

  @Test
  void givenNoRows_thenAssertEqualStillLooks() {
    PipelineExecutionException thrown =
        assertThrows(
            PipelineExecutionException.class,
            () ->
                run(
                    "pipeline:",
                    "  type: chain",
                    "  transforms:",
                    "    - {type: Create, config: {elements: [{a: 3, keep: false}]}}",
                    "    - {type: Filter, config: {keep: keep}}",
                    "    - {type: AssertEqual, config: {elements: [{a: 3, keep: false}]}}"));
    assertThat(
        thrown.getMessage(),
        containsString(
            "test.yaml:6:35: AssertEqual failed: 1 missing [{\"a\":3,\"keep\":false}], 0 unexpected []"));
  }

  @Test
  void givenJavaExpressions_thenBeamsOwnTransformsRunThem() {
    assertThat(
        run(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{w: abc, n: 2}, {w: d, n: 5}]}}",
            "    - {type: Filter, config: {language: java, keep: w.length() > 2}}",
            "    - type: MapToFields",
            "      config:",
            "        language: java",
            "        append: true",
            "        drop: [n]",
            "        fields:",
            "          z: n * 2",
            "          b: w",
            "          a: {callable: 'import java.util.function.Function; import org.apache.beam.sdk.values.Row;"
                + " public class F implements Function<Row, String> { public String apply(Row r) { return"
                + " r.getString(\"w\") + \"!\"; } }'}",
            "    - {type: AssertEqual, config: {elements: [{w: abc, z: 4, b: abc, a: abc!}]}}"),
        equalTo(DONE));
  }

  @Test
  void givenFieldNamesOnly_thenNoLanguageIsNeeded() {
    assertThat(
        run(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{w: abc, n: [1, 2]}]}}",
            "    - {type: MapToFields, config: {fields: {word: w, number: n}}}",
            "    - {type: Explode, config: {fields: number}}",
            "    - {type: AssertEqual, config: {elements: [{word: abc, number: 1}, {word: abc, number: 2}]}}"),
        equalTo(DONE));
  }

  @Test
  void givenAnExpressionWithoutLanguage_thenSaysThatItNeedsJava() {
    assertThat(
        applyError(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{word: abc}]}}",
            "    - {type: MapToFields, config: {fields: {w: wrd}}}"),
        equalTo(
            "test.yaml:5:48: 'w': there is no field 'wrd'; did you mean 'word'?; fields: word (an expression"
                + " needs 'language: java')"));
  }

  @Test
  void givenAnotherLanguage_thenSaysWhatRunsHere() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{n: 1}]}}",
            "    - {type: Filter, config: {language: python, keep: n > 1}}"),
        equalTo(
            "test.yaml:5:41: Filter in 'python' needs Beam's Python SDK; here, 'language: java' or none"));
  }

  @Test
  void givenJavaThatDoesNotCompile_thenNamesTheStep() {
    assertThat(
        applyError(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{word: abc}]}}",
            "    - {type: Filter, config: {language: java, keep: word.lenght() > 2}}"),
        containsString("test.yaml:5:7: 'Filter': "));
  }

  @Test
  void givenAFilterThatIsNoTruthValue_thenSaysSo() {
    assertThat(
        applyError(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{word: abc}]}}",
            "    - {type: Filter, config: {keep: word}}"),
        equalTo(
            "test.yaml:5:37: 'keep' names the field 'word', which is STRING, not true or false"));
  }

  @Test
  void givenSeveralFieldsToExplode_thenAsksHow() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{a: [1], b: [2]}]}}",
            "    - {type: Explode, config: {fields: [a, b]}}"),
        equalTo(
            "test.yaml:5:40: Explode of several fields needs 'cross_product: true' or 'false'"));
  }

  @Test
  void givenInputsWithDifferentFields_thenFlattenShowsBoth() {
    assertThat(
        applyError(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, name: A, config: {elements: [{a: 1}]}}",
            "    - {type: Create, name: B, config: {elements: [{b: x}]}}",
            "    - {type: Flatten, input: [A, B]}"),
        equalTo(
            "test.yaml:5:7: the inputs have different fields: [a INT64] and [b STRING]; make them the same with"
                + " MapToFields first"));
  }

  @Test
  void givenAnUnknownLevel_thenNamesTheNearest() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [1]}}",
            "    - {type: LogForTesting, config: {level: inof}}"),
        containsString(
            "test.yaml:5:45: unknown level 'INOF'; did you mean 'INFO'?; levels: ERROR, WARN, INFO"));
  }

  private static CreateRows.Elements elements(String... yaml) {
    SourceText source = Template.fill("test.yaml", PipelineFiles.text(yaml), Map.of(), 100_000);
    YamlNode.Mapping mapping = Keys.mapping("config", YamlReader.read(source));
    return CreateRows.Elements.read(
        Config.of("Create", mapping, java.util.Set.copyOf(CreateRows.KEYS)));
  }
}
