package io.sandbeam.yaml;

import static io.sandbeam.yaml.PipelineFiles.error;
import static io.sandbeam.yaml.PipelineFiles.text;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file may be, before any transform is looked at. */
class PipelineFileTest {
  private static final String[] MINIMAL = {
    "pipeline:", "  transforms:", "    - {type: Create, config: {elements: [1]}}"
  };

  @TempDir Path folder;

  @Test
  void givenNoFile_thenSaysSo() {
    assertThat(readError("/no/such.yaml"), equalTo("/no/such.yaml: there is no such file"));
  }

  @Test
  void givenADirectory_thenSaysSo() {
    assertThat(
        readError(folder.toString()), containsString("this is a directory; name one file in it"));
  }

  @Test
  void givenAnEmptyFile_thenSaysWhatItNeeds() {
    assertThat(error(""), equalTo("test.yaml: the file is empty; it needs a 'pipeline:'"));
    assertThat(error("# only a comment"), containsString("the file is empty"));
  }

  @Test
  void givenAListOrAWord_thenAsksForAMapping() {
    assertThat(
        error("- a"),
        equalTo("test.yaml:1:1: a pipeline file must be a mapping (key: value), not a list"));
    assertThat(error("hello"), containsString("not 'hello'"));
  }

  @Test
  void givenAnUnknownTopLevelKey_thenNamesTheNearest() {
    assertThat(
        error("pipelines:", "  transforms: []"),
        equalTo(
            "test.yaml:1:1: unknown key 'pipelines' in a pipeline file; did you mean 'pipeline'?; it takes:"
                + " pipeline, options, providers"));
  }

  @Test
  void givenNoPipeline_thenSaysSo() {
    assertThat(error("options: {streaming: true}"), containsString("the file has no 'pipeline:'"));
  }

  @Test
  void givenADuplicateKey_thenNamesBothLines() {
    assertThat(
        error("pipeline:", "  type: chain", "  transforms: []", "  type: composite"),
        equalTo("test.yaml:4:3: key 'type' is given twice; it is already on line 2"));
  }

  @Test
  void givenATabForIndent_thenSaysToUseSpaces() {
    assertThat(
        error("pipeline:", "\ttype: chain"),
        equalTo("test.yaml:2:1: a tab stands where YAML wants spaces; indent with spaces"));
  }

  @Test
  void givenBrokenYaml_thenNamesThePlace() {
    assertThat(
        error("pipeline: [1, 2"),
        allOf(
            startsWith("test.yaml:2:1: this is not YAML:"), containsString("expected ',' or ']'")));
  }

  @Test
  void givenTwoDocuments_thenNamesTheSecond() {
    assertThat(
        error("pipeline: {}", "---", "pipeline: {}"),
        equalTo("test.yaml:3:1: a second document starts here ('---'); a pipeline file holds one"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"!!int abc", "!!float x", "!!bool x", "!!int 1.5", "!!null x"})
  void givenATagThatItsValueIsNot_thenItIsRefusedWithItsPlace(String value) {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: Create, config: {elements: [" + value + "]}}"),
        allOf(startsWith("test.yaml:3:42: "), containsString("is not what its tag")));
  }

  @Test
  void givenATagForAnObject_thenRefusesIt() {
    assertThat(
        error("pipeline: !!javax.script.ScriptEngineManager [1]"),
        containsString(
            "Global tag is not allowed: tag:yaml.org,2002:javax.script.ScriptEngineManager"));
  }

  @Test
  void givenAnAliasOfItself_thenRefusesIt() {
    assertThat(error("pipeline: &a [*a]"), containsString("this contains itself through an alias"));
  }

  @Test
  void givenAnAnchorBomb_thenRefusesItAtOnce() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ", ").repeat(9)).append("*a").append(i - 1).append("]\n");
    }
    String message =
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> error(bomb.toString()));
    assertThat(
        message, containsString("the aliases of this file expand to more than 2000000 values"));
  }

  @Test
  void givenDeepNesting_thenRefusesIt() {
    assertThat(
        error("pipeline: " + "[".repeat(5000) + "]".repeat(5000)),
        equalTo("test.yaml: the file is nested more than 100 levels deep"));
  }

  @Test
  void givenBytesThatAreNotUtf8_thenNamesLineAndByte() throws IOException {
    Path file = folder.resolve("latin1.yaml");
    Files.write(file, "pipeline:\n  # caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(
        readError(file.toString()), equalTo(file + ":2:8: the file is not UTF-8 text: byte 0xe9"));
  }

  @Test
  void givenAByteOrderMark_thenReadsOn() throws IOException {
    Path file = folder.resolve("bom.yaml");
    Files.writeString(file, "\uFEFF" + text(MINIMAL));
    assertThat(PipelineFile.read(file.toString(), Map.of()).file(), equalTo(file.toString()));
  }

  @Test
  void givenAMebibyteOfYaml_thenReadsIt() throws IOException {
    Path file = folder.resolve("large.yaml");
    StringBuilder large =
        new StringBuilder(
            text(
                "pipeline:",
                "  transforms:",
                "    - type: Create",
                "      config:",
                "        elements:"));
    String element = "          - {a: 1, b: x}\n";
    while (large.length() + element.length() <= 1024 * 1024) {
      large.append(element);
    }
    Files.writeString(file, large);
    assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> PipelineFile.read(file.toString(), Map.of()));
  }

  @Test
  void givenMoreThanAMebibyte_thenRefusesIt() throws IOException {
    Path file = folder.resolve("huge.yaml");
    Files.writeString(file, "#".repeat(1024 * 1024 + 1));
    assertThat(
        readError(file.toString()),
        equalTo(
            file
                + ": the file is larger than 1 MiB, the most a pipeline file may have; keep data in files of"
                + " its own"));
  }

  @Test
  void givenMergeKeys_thenMergesAsYamlDoes() {
    assertThat(
        PipelineFiles.run(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - type: Create",
            "      config:",
            "        elements: [&a {x: 1, y: 2}, {<<: *a, y: 3}]",
            "    - type: AssertEqual",
            "      config: {elements: [{x: 1, y: 2}, {x: 1, y: 3}]}"),
        equalTo(org.apache.beam.sdk.PipelineResult.State.DONE));
  }

  @Test
  void givenOptions_thenTheyAreBeamArguments() {
    String options =
        text(
            "options:",
            "  num_workers: 3",
            "  streaming: yes",
            "  experiments: [a, b]",
            "  jobName: x");
    assertThat(
        PipelineFile.parse("f", options + text(MINIMAL), Map.of()).options(),
        equalTo(
            List.of(
                "--numWorkers=3",
                "--streaming=true",
                "--experiments=a",
                "--experiments=b",
                "--jobName=x")));
  }

  @Test
  void givenAnOptionWithoutValue_thenSaysSo() {
    assertThat(
        error("options:", "  region:", "pipeline: []"),
        containsString("option 'region' has no value; leave the key out, or give it one"));
  }

  @Test
  void givenAUriOfAnUnknownFileSystem_thenSaysSo() {
    assertThat(
        readError("nofs://bucket/x.yaml"),
        containsString("the file cannot be read: No filesystem found for scheme nofs"));
  }

  private static String readError(String file) {
    return assertThrows(PipelineFileException.class, () -> PipelineFile.read(file, Map.of()))
        .getMessage();
  }
}
