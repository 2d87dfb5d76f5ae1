package io.sandbeam.yaml;

import static io.sandbeam.yaml.PipelineFiles.applyError;
import static io.sandbeam.yaml.PipelineFiles.error;
import static io.sandbeam.yaml.PipelineFiles.run;
import static org.apache.beam.sdk.PipelineResult.State.DONE;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** How transforms are put together: chains, composites, inputs and outputs. */
class WiringTest {

  @Test
  void givenAnUnknownType_thenNamesLineAndNearestType() {
    assertThat(
        error("pipeline:", "  transforms:", "    - type: ReadFromJsn", "      config: {path: x}"),
        allOf(
            startsWith(
                "test.yaml:3:7: unknown type 'ReadFromJsn'; did you mean 'ReadFromJson'?; known types: "),
            containsString("AssertEqual, Create, Explode")));
  }

  @Test
  void givenNoType_thenSaysSo() {
    assertThat(
        error("pipeline:", "  transforms:", "    - name: x"),
        equalTo("test.yaml:3:7: this transform has no 'type'"));
  }

  @Test
  void givenAnUnknownKeyOfATransform_thenNamesTheNearest() {
    assertThat(
        error("pipeline:", "  transforms:", "    - type: Create", "      confg: {elements: [1]}"),
        equalTo(
            "test.yaml:4:7: unknown key 'confg' in transform Create; did you mean 'config'?; it takes: type,"
                + " name, input, output, config, windowing"));
  }

  @Test
  void givenAConfigKeyBesideConfig_thenSaysWhereItBelongs() {
    assertThat(
        error("pipeline:", "  transforms:", "    - type: ReadFromText", "      path: x"),
        equalTo("test.yaml:4:7: 'path' belongs inside 'config:' of ReadFromText"));
  }

  @Test
  void givenAnUnknownKeyInConfig_thenNamesTheNearest() {
    assertThat(
        error("pipeline:", "  transforms:", "    - type: ReadFromText", "      config: {pat: x}"),
        equalTo(
            "test.yaml:4:16: unknown key 'pat' in the config of ReadFromText; did you mean 'path'?; it takes:"
                + " path, delimiter"));
  }

  @Test
  void givenAMissingKey_thenNamesIt() {
    assertThat(
        error("pipeline:", "  transforms:", "    - type: ReadFromText"),
        equalTo("test.yaml:3:7: ReadFromText needs 'path' in its config"));
  }

  @Test
  void givenWindowing_thenSaysThatItIsNotSupported() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, windowing: {type: fixed}, config: {elements: [1]}}"),
        containsString("'windowing' is not supported by this launcher"));
  }

  @Test
  void givenATypeThatIsNoPipeline_thenSaysSo() {
    assertThat(
        error("pipeline:", "  type: Create"),
        equalTo("test.yaml:2:9: the pipeline is of type 'chain' or 'composite', not 'Create'"));
  }

  @Test
  void givenNoTransforms_thenSaysSo() {
    assertThat(
        error("pipeline: {type: chain}"), equalTo("test.yaml:1:11: the chain has no 'transforms'"));
    assertThat(
        error("pipeline: {type: chain, transforms: {a: b}}"),
        containsString("'transforms' must be a list (- type: …), not a mapping"));
  }

  @Test
  void givenAnInputInAChain_thenRefusesIt() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [1]}}",
            "    - {type: LogForTesting, input: Create}"),
        startsWith("test.yaml:5:29: this transform is part of a chain"));
  }

  @Test
  void givenAnUnknownInput_thenNamesTheNearest() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, name: Words, config: {elements: [1]}}",
            "    - {type: LogForTesting, input: Wrds}"),
        equalTo(
            "test.yaml:4:36: nothing here is named 'Wrds'; did you mean 'Words'?; there are: Words, LogForTesting"));
  }

  @Test
  void givenAnAmbiguousInput_thenNamesTheCandidates() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, config: {elements: [1]}}",
            "    - {type: Create, name: B, config: {elements: [1]}}",
            "    - {type: LogForTesting, input: Create}"),
        equalTo(
            "test.yaml:5:36: 'Create' may mean any of Create (line 3), B (line 4); give each a 'name' and use that"));
  }

  @Test
  void givenTwoOfOneName_thenNamesBothLines() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, name: A, config: {elements: [1]}}",
            "    - {type: Create, name: A, config: {elements: [1]}}"),
        equalTo("test.yaml:4:7: name 'A' is given twice; the transform on line 3 has it already"));
  }

  @Test
  void givenACircle_thenNamesItsMembers() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, name: S, config: {elements: [1]}}",
            "    - {type: Flatten, name: A, input: [S, B]}",
            "    - {type: LogForTesting, name: B, input: A}"),
        equalTo("test.yaml:4:7: these transforms read each other in a circle: A reads B reads A"));
  }

  @Test
  void givenAnUnknownOutput_thenNamesThoseThereAre() {
    assertThat(
        applyError(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, config: {elements: [1]}}",
            "    - {type: LogForTesting, input: Create.outptu}"),
        equalTo(
            "test.yaml:4:36: 'Create' has no output 'outptu'; did you mean 'output'?; it has: output"));
  }

  @Test
  void givenASinkAsInput_thenSaysThatItHasNoOutput() {
    assertThat(
        applyError(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: WriteToText, config: {path: out/x}}",
            "    - {type: LogForTesting}"),
        equalTo("test.yaml:6:7: 'WriteToText' has no output to read"));
  }

  @Test
  void givenASourceWithInput_thenRefusesIt() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: Create, config: {elements: [a]}}"),
        containsString("'Create' reads from outside and takes no 'input'"));
  }

  @Test
  void givenNoInput_thenAsksForIt() {
    assertThat(
        error("pipeline:", "  transforms:", "    - type: LogForTesting"),
        equalTo(
            "test.yaml:3:7: 'LogForTesting' needs an 'input': the name of the transform whose rows it reads"));
  }

  @Test
  void givenAnUnreadErrorOutput_thenRefusesIt() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: ReadFromJson, config: {path: x, error_handling: {output: bad}}}",
            "    - {type: LogForTesting}"),
        equalTo(
            "test.yaml:4:7: the error output 'ReadFromJson.bad' is not read by any transform; read it (input:"
                + " ReadFromJson.bad), or leave out error_handling so that a failed row fails the pipeline"));
  }

  @Test
  void givenErrorHandlingWithoutOutput_thenAsksForIt() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: ReadFromJson, config: {path: x, error_handling: {}}}"),
        containsString("error_handling needs 'output', the name of the output for failed rows"));
  }

  @Test
  void givenAPythonProvider_thenItIsRefusedWhereItIsUsed() {
    String[] declared = {
      "providers:",
      "  - {type: python, config: {packages: []}, transforms: {Mine: my.Transform}}",
      "pipeline:",
      "  transforms:",
      "    - {type: Create, config: {elements: [1]}}"
    };
    assertThat(run(declared), equalTo(DONE));
    assertThat(
        error(String.join("\n", declared), "    - {type: Mine, input: Create}"),
        startsWith(
            "test.yaml:6:7: type 'Mine' comes from a provider of type 'python', which needs Beam's Python SDK"));
  }

  @Test
  void givenAJarProviderThatIsNotOnTheClassPath_thenSaysSo() {
    assertThat(
        error(
            "providers:",
            "  - {type: javaJar, config: {jar: x.jar}, transforms: {Mine: 'beam:schematransform:mine:v1'}}",
            "pipeline:",
            "  transforms:",
            "    - {type: Mine}"),
        startsWith(
            "test.yaml:5:7: no schema transform 'beam:schematransform:mine:v1' (type 'Mine') is on the class path"));
  }

  @Test
  void givenAnUnknownProviderType_thenNamesTheNearest() {
    assertThat(
        error("providers:", "  - {type: javJar, transforms: {}}", "pipeline: []"),
        startsWith("test.yaml:2:12: unknown provider type 'javJar'; did you mean 'javaJar'?"));
  }

  @Test
  void givenNestedChainsAndComposites_thenRowsGoThrough() {
    assertThat(
        run(
            Map.of("greeting", "hello"),
            "pipeline:",
            "  transforms:",
            "    - {type: Create, name: A, config: {elements: [{w: '{{ greeting }}'}]}}",
            "    - {type: Create, name: B, config: {elements: [{w: bye}]}}",
            "    - type: composite",
            "      name: Both",
            "      input: {first: A, rest: [B, A]}",
            "      transforms:",
            "        - {type: Flatten, input: [first, rest]}",
            "        - type: chain",
            "          input: Flatten",
            "          transforms:",
            "            - type: composite",
            "              transforms: [{type: LogForTesting, input: input, config: {level: debug}}]",
            "              output: LogForTesting",
            "            - {type: LogForTesting, config: {level: debug}}",
            "      output: chain",
            "    - type: AssertEqual",
            "      input: Both",
            "      config: {elements: [{w: hello}, {w: bye}, {w: hello}]}"),
        equalTo(DONE));
  }

  @Test
  void givenACompositeWithNamedOutputs_thenTheyAreReadByName() {
    assertThat(
        run(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, name: A, config: {elements: [{w: a}]}}",
            "    - type: composite",
            "      name: Both",
            "      input: {x: A}",
            "      transforms:",
            "        - type: chain",
            "          name: Twice",
            "          input: x",
            "          transforms:",
            "            - {type: LogForTesting, config: {level: debug}}",
            "            - {type: LogForTesting, config: {level: debug}}",
            "      output: {same: Twice, first: x}",
            "    - {type: AssertEqual, input: Both.same, config: {elements: [{w: a}]}}",
            "    - {type: AssertEqual, input: Both.first, config: {elements: [{w: a}]}}",
            "    - {type: AssertEqual, input: [Both.same, A], config: {elements: [{w: a}, {w: a}]}}"),
        equalTo(DONE));
  }

  @Test
  void givenSourceAndSink_thenTheyAreTheEndsOfTheChain() {
    assertThat(
        run(
            "pipeline:",
            "  type: chain",
            "  source: {type: Create, config: {elements: [1, 2]}}",
            "  transforms:",
            "    - {type: LogForTesting, config: {level: debug}}",
            "  sink: {type: AssertEqual, config: {elements: [2, 1]}}"),
        equalTo(DONE));
  }

  @Test
  void givenAListForAPipeline_thenItIsAComposite() {
    assertThat(
        run(
            "pipeline:",
            "  - {type: Create, config: {elements: [1]}}",
            "  - {type: LogForTesting, input: Create}"),
        equalTo(DONE));
  }

  @Test
  void givenThousandsOfTransforms_thenTheyAreWiredWithoutDeepCalls() {
    StringBuilder yaml =
        new StringBuilder(
            "pipeline:\n  type: chain\n  transforms:\n    - {type: Create, config: {elements: [1]}}\n");
    yaml.append("    - {type: LogForTesting}\n".repeat(10_000));
    PipelineFile file = PipelineFile.parse("f", yaml.toString(), Map.of());
    assertThat(file.options().size(), equalTo(0));
  }
}
