package io.sandbeam.yaml;

import static io.sandbeam.yaml.PipelineFiles.applyError;
import static io.sandbeam.yaml.PipelineFiles.error;
import static io.sandbeam.yaml.PipelineFiles.output;
import static io.sandbeam.yaml.PipelineFiles.run;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.beam.sdk.Pipeline.PipelineExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading and writing files, on a real runner. */
class FilesTest {
  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void chooseOutput() {
    out = folder.resolve("new/folders/out");
  }

  @Test
  void givenText_thenLinesAreRowsAndBack() throws IOException {
    write("in/a.txt", "one\ntwo\n");
    write("in/b.txt", "thr\u00e9e 😀");
    assertThat(
        through("ReadFromText", "in/*.txt", "WriteToText"),
        containsInAnyOrder("one", "two", "thr\u00e9e 😀"));
    assertThat(names(out.getParent()), equalTo(List.of("out-00000-of-00001")));
  }

  @Test
  void givenShards_thenAsManyFiles() throws IOException {
    write("in/a.txt", "one\ntwo\n");
    run(
        "pipeline:",
        "  type: chain",
        "  transforms:",
        "    - {type: ReadFromText, config: {path: '" + folder + "/in/a.txt'}}",
        "    - {type: WriteToText, config: {path: '" + out + "', num_shards: 3}}");
    assertThat(
        names(out.getParent()),
        equalTo(List.of("out-00000-of-00003", "out-00001-of-00003", "out-00002-of-00003")));
  }

  @Test
  void givenJsonLines_thenRowsAndBack() throws IOException {
    write("in/a.json", "\uFEFF{\"a\":1,\"b\":{\"c\":[true]}}\n\n{\"a\":2.5,\"b\":null}\n");
    assertThat(
        through("ReadFromJson", "in/*.json", "WriteToJson"),
        containsInAnyOrder("{\"a\":1.0,\"b\":{\"c\":[true]}}", "{\"a\":2.5,\"b\":null}"));
  }

  @Test
  void givenCompressedJson_thenItIsRead() throws IOException {
    Path file = folder.resolve("a.json.gz");
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
      gzip.write("{\"a\":1}\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    assertThat(through("ReadFromJson", "a.json.gz", "WriteToJson"), equalTo(List.of("{\"a\":1}")));
  }

  @Test
  void givenALineThatIsNotJson_thenNamesFileAndLine() throws IOException {
    Path file = write("a.json", "{\"a\":1}\n{\"a\":\n");
    assertThat(
        readError("ReadFromJson", "a.json"),
        startsWith(
            "test.yaml:4:43: " + file + ", line 2: this is not JSON: Unexpected end-of-input"));
  }

  @Test
  void givenJsonThatIsNotLines_thenSaysSo() throws IOException {
    Path file = write("a.json", "[{\"a\":1}]\n");
    assertThat(
        readError("ReadFromJson", "a.json"),
        equalTo(
            "test.yaml:4:43: "
                + file
                + ", line 1: each line must be one JSON object (JSON Lines), and this is '[{\"a\":1}]'"));
  }

  @Test
  void givenADuplicateJsonKey_thenRefusesIt() throws IOException {
    write("a.json", "{\"a\":1,\"a\":2}\n");
    assertThat(
        readError("ReadFromJson", "a.json"),
        containsString("line 1: this is not JSON: Duplicate field 'a'"));
  }

  @Test
  void givenMixedJsonTypes_thenNamesBothLines() throws IOException {
    Path file = write("a.json", "{\"a\":1}\n{\"a\":\"x\"}\n");
    assertThat(
        readError("ReadFromJson", "a.json"),
        equalTo(
            "test.yaml:4:43: field 'a' has values of different types: a number ("
                + file
                + " line 1), text ("
                + file
                + " line 2)"));
  }

  @Test
  void givenAnEmptyJsonFile_thenSaysThatThereIsNoData() throws IOException {
    write("a.json", "\n");
    assertThat(readError("ReadFromJson", "a.json"), containsString("there is no data in"));
  }

  @Test
  void givenALaterLineThatDoesNotFit_thenFailsWithFileAndLine() throws IOException {
    Path file = write("a.json", "{\"a\":1}\n".repeat(10_000) + "{\"a\":1,\"b\":2}\n");
    PipelineExecutionException thrown =
        assertThrows(
            PipelineExecutionException.class,
            () -> through("ReadFromJson", "a.json", "WriteToJson"));
    assertThat(
        thrown.getMessage(),
        containsString(
            file + ", line 10001: field 'b' is not among the fields of the first rows: a"));
  }

  @Test
  void givenErrorHandling_thenBadLinesGoThere() throws IOException {
    Path file = write("a.json", "{\"a\":1}\nnonsense\n{\"a\":2}\n");
    Path bad = folder.resolve("bad");
    run(
        "pipeline:",
        "  transforms:",
        "    - {type: ReadFromJson, config: {path: '" + file + "', error_handling: {output: bad}}}",
        "    - {type: WriteToJson, input: ReadFromJson, config: {path: '" + out + "'}}",
        "    - {type: WriteToJson, name: Bad, input: ReadFromJson.bad, config: {path: '"
            + bad
            + "'}}");
    assertThat(output(out), containsInAnyOrder("{\"a\":1}", "{\"a\":2}"));
    assertThat(output(bad).get(0), containsString("\"line_number\":2,\"line\":\"nonsense\""));
  }

  @Test
  void givenCsv_thenColumnsHaveTypesAndBack() throws IOException {
    write("a.csv", "id,code,n,f,b,e\n1,007,,1.5,true,\n2,x,3,2,False,\"a,\"\"b\"\"\nc\"\n");
    assertThat(
        through("ReadFromCsv", "a.csv", "WriteToJson"),
        containsInAnyOrder(
            "{\"id\":1,\"code\":\"007\",\"n\":null,\"f\":1.5,\"b\":true,\"e\":\"\"}",
            "{\"id\":2,\"code\":\"x\",\"n\":3,\"f\":2.0,\"b\":false,\"e\":\"a,\\\"b\\\"\\nc\"}"));
    assertThat(
        through("ReadFromCsv", "a.csv", "WriteToCsv").stream().sorted().toList(),
        equalTo(
            Stream.of("id,code,n,f,b,e", "1,007,,1.5,true,", "2,x,3,2.0,false,\"a,\"\"b\"\"", "c\"")
                .sorted()
                .toList()));
  }

  @Test
  void givenNestedValues_thenCsvHoldsThemAsJson() throws IOException {
    write("a.json", "{\"a\":[1,2],\"b\":{\"c\":\"x\"},\"n\":null}\n");
    assertThat(
        through("ReadFromJson", "a.json", "WriteToCsv"),
        equalTo(List.of("a,b,n", "\"[1,2]\",\"{\"\"c\"\":\"\"x\"\"}\",")));
  }

  @Test
  void givenAnotherDelimiterAndComments_thenCsvIsReadByThem() throws IOException {
    Path file = write("a.csv", "# made by hand\na;b\n1;2\n");
    run(
        "pipeline:",
        "  type: chain",
        "  transforms:",
        "    - {type: ReadFromCsv, config: {path: '" + file + "', delimiter: ';', comment: '#'}}",
        "    - {type: AssertEqual, config: {elements: [{a: 1, b: 2}]}}");
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: ReadFromCsv, config: {path: x, delimiter: ab}}"),
        containsString("'delimiter' of ReadFromCsv must be one character, not 'ab'"));
  }

  @Test
  void givenARaggedCsvRecord_thenFailsWithFileAndLine() throws IOException {
    Path file = write("a.csv", "a,b\n1,2\n3\n");
    PipelineExecutionException thrown =
        assertThrows(
            PipelineExecutionException.class, () -> through("ReadFromCsv", "a.csv", "WriteToJson"));
    assertThat(
        thrown.getMessage(),
        containsString(file + ", line 3: there are 1 values, and 2 columns in the header"));
  }

  @Test
  void givenACsvColumnThatChanges_thenFailsWithTheValue() throws IOException {
    String rows = IntStream.range(0, 10_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    Path file = write("a.csv", "n\n" + rows + "many\n");
    PipelineExecutionException thrown =
        assertThrows(
            PipelineExecutionException.class, () -> through("ReadFromCsv", "a.csv", "WriteToJson"));
    assertThat(
        thrown.getMessage(),
        containsString(
            file
                + ", line 10002: field 'n' is a whole number in the first rows, and here '\"many\"'"));
  }

  @Test
  void givenCsvFilesWithOtherColumns_thenNamesTheFile() throws IOException {
    write("a.csv", "a\n1\n");
    Path other = write("b.csv", "b\n1\n");
    assertThat(
        readError("ReadFromCsv", "*.csv"),
        containsString("has other columns than the files before it: ["));
    assertThat(
        readError("ReadFromCsv", other.getFileName() + ".x"), containsString("no file matches"));
  }

  @Test
  void givenFiles_thenTheirContentIsExact() throws IOException {
    Files.write(write("in/deep/x.bin", ""), new byte[] {0, (byte) 0xff});
    write("in/deep/y.sh", "echo hi\n");
    assertThat(
        through("ReadFiles", "in/**", "WriteToJson").stream()
            .map(line -> line.replace(folder.toString(), ""))
            .toList(),
        containsInAnyOrder(
            "{\"path\":\"/in/deep/x.bin\",\"name\":\"x.bin\",\"content_base64\":\"AP8=\",\"size\":2}",
            "{\"path\":\"/in/deep/y.sh\",\"name\":\"y.sh\",\"content\":\"echo hi\\n\",\"size\":8}"));
  }

  @Test
  void givenFilesToMatch_thenARowEachWithoutTheContent() throws IOException {
    Files.write(write("in/deep/x.bin", ""), new byte[] {0, (byte) 0xff});
    write("in/deep/y.sh", "echo hi\n");
    assertThat(
        through("MatchFiles", "in/**", "WriteToJson").stream()
            .map(line -> line.replace(folder.toString(), ""))
            .toList(),
        containsInAnyOrder(
            "{\"path\":\"/in/deep/x.bin\",\"name\":\"x.bin\",\"size\":2}",
            "{\"path\":\"/in/deep/y.sh\",\"name\":\"y.sh\",\"size\":8}"));
  }

  @Test
  void givenAFileLargerThanAllowed_thenFailsOrIsCollectedWhole() throws IOException {
    Path large = write("in/large", "123456");
    write("in/small", "12345");
    String[] reading = {
      "pipeline:",
      "  transforms:",
      "    - type: ReadFiles",
      "      config: {path: '" + folder + "/in/*', max_bytes: 5}",
      "    - {type: WriteToJson, input: ReadFiles, config: {path: '" + out + "'}}"
    };
    PipelineExecutionException thrown =
        assertThrows(PipelineExecutionException.class, () -> run(reading));
    assertThat(thrown.getMessage(), containsString(large + " is larger than max_bytes (5)"));
    reading[3] = reading[3].replace("5}", "5, error_handling: {output: errors}}");
    run(
        String.join("\n", reading),
        "    - {type: WriteToJson, name: E, input: ReadFiles.errors, config: {path: '"
            + out
            + "E'}}");
    assertThat(output(out).size(), equalTo(1));
    assertThat(
        output(out.resolveSibling("outE")).get(0), containsString("larger than max_bytes (5)"));
  }

  @Test
  void givenAnOddMaxBytes_thenSaysWhatIsAllowed() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - {type: ReadFiles, config: {path: x, max_bytes: lots}}"),
        startsWith("test.yaml:3:54: Invalid size 'lots'"));
  }

  @Test
  void givenNoMatchingFile_thenSaysWhereRelativePathsStart() {
    assertThat(
        applyError(
            "pipeline:",
            "  transforms:",
            "    - {type: ReadFromText, config: {path: no/such.txt}}"),
        equalTo(
            "test.yaml:3:43: no file matches 'no/such.txt'; a relative path starts at "
                + Path.of("").toAbsolutePath()));
  }

  @Test
  void givenAFileSystemThatIsNotThere_thenSaysSo() {
    assertThat(
        applyError(
            "pipeline:",
            "  transforms:",
            "    - {type: ReadFromText, config: {path: 'nofs://x/y'}}"),
        containsString("cannot look for 'nofs://x/y': No filesystem found for scheme nofs"));
  }

  @Test
  void givenAFolderForOutput_thenAsksForABeginning() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: WriteToText, config: {path: out/}}"),
        equalTo(
            "test.yaml:5:42: 'path' of WriteToText must be the beginning of the files' names, such as"
                + " out/results, not 'out/'"));
  }

  @Test
  void givenAnOddNumberOfShards_thenSaysWhatIsAllowed() {
    assertThat(
        error(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [a]}}",
            "    - {type: WriteToText, config: {path: out/x, num_shards: 0}}"),
        endsWith("'num_shards' of WriteToText must be a whole number from 1 to 100000, not '0'"));
  }

  @Test
  void givenRowsOfSeveralFields_thenWriteToTextNamesTheWayOut() {
    assertThat(
        applyError(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [{a: x, b: y}]}}",
            "    - {type: WriteToText, config: {path: out/x}}"),
        equalTo(
            "test.yaml:5:7: 'WriteToText': it writes rows that have one field, a text, and these have [a, b];"
                + " choose one with MapToFields, or write them all with WriteToJson"));
  }

  private List<String> through(String reader, String path, String writer) {
    run(
        Map.of("in", folder.resolve(path).toString(), "out", out.toString()),
        "pipeline:",
        "  type: chain",
        "  transforms:",
        "    - {type: " + reader + ", config: {path: '{{ in }}'}}",
        "    - {type: " + writer + ", config: {path: '{{ out }}'}}");
    return output(out);
  }

  private String readError(String reader, String path) {
    return applyError(
        "pipeline:",
        "  type: chain",
        "  transforms:",
        "    - {type: " + reader + ", config: {path: '" + folder.resolve(path) + "'}}");
  }

  private Path write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
