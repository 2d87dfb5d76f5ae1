package io.sandbeam.service.http.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.SandboxValidationException.Violation;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoJsonTest {
  private static <T extends Record> T strictly(String json, Class<T> type) {
    return ProtoJson.readStrictly(json.getBytes(UTF_8), type, "");
  }

  private static <T extends Record> T tolerantly(String json, Class<T> type) {
    return ProtoJson.readTolerantly(json.getBytes(UTF_8), type);
  }

  private static List<String> wrongFields(String json, Class<? extends Record> type) {
    return assertThrows(SandboxValidationException.class, () -> strictly(json, type))
        .violations()
        .stream()
        .map(Violation::field)
        .toList();
  }

  @Test
  void givenDefaults_whenWritten_thenTheyAreLeftOut() {
    V1.ExecResponse nothing = new V1.ExecResponse(new byte[0], new byte[0], 0, false, false, 0, 0);

    assertThat(new String(ProtoJson.write(nothing), UTF_8), is("{}"));
  }

  @Test
  void givenObservedExitCodeZero_whenWritten_thenItIsThere() {
    V1Status.SandboxStatus read = strictly("{\"exitCode\": 0}", V1Status.SandboxStatus.class);

    assertThat(new String(ProtoJson.write(read), UTF_8), is("{\"exitCode\":0}"));
    assertThat(strictly("{}", V1Status.SandboxStatus.class).exitCode(), is(nullValue()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"stdoutBytesProduced\": \"1234\"}",
        "{\"stdoutBytesProduced\": 1234}",
        "{\"stdout_bytes_produced\": 1234}",
        "{\"stdoutBytesProduced\": 1.234e3}"
      })
  void givenNumberInAnyForm_whenRead_thenItIsThatNumber(String json) {
    V1.ExecResponse read = strictly(json, V1.ExecResponse.class);

    assertThat(read.stdoutBytesProduced(), is(1234L));
    assertThat(new String(ProtoJson.write(read), UTF_8), is("{\"stdoutBytesProduced\":\"1234\"}"));
  }

  @ParameterizedTest
  @CsvSource({"'-_8=', '+/8='", "'+/8=', '+/8='", "'-_8', '+/8='"})
  void givenBase64InAnyAlphabet_whenRead_thenTheBytesAreTheSame(String given, String standard) {
    V1.ReadFileResponse read =
        strictly("{\"content\": \"" + given + "\"}", V1.ReadFileResponse.class);

    assertThat(new String(ProtoJson.write(read), UTF_8), is("{\"content\":\"" + standard + "\"}"));
  }

  @Test
  void givenTimeWithOffset_whenRead_thenItIsWrittenInUtc() {
    V1Status.SandboxStatus read =
        strictly(
            "{\"createTime\": \"2026-09-01T12:00:03.25+02:00\"}", V1Status.SandboxStatus.class);

    assertThat(read.createTime(), is(Instant.parse("2026-09-01T10:00:03.250Z")));
    assertThat(
        new String(ProtoJson.write(read), UTF_8),
        is("{\"createTime\":\"2026-09-01T10:00:03.250Z\"}"));
  }

  @Test
  void givenUnknownFieldsAndNames_whenReadTolerantly_thenTheyMeanNothing() {
    V1.Sandbox read =
        tolerantly(
            "{\"sandboxId\": \"a\", \"news\": {\"deep\": [1, {}]},"
                + " \"status\": {\"state\": \"STATE_PREPARING\"}}",
            V1.Sandbox.class);

    assertThat(read.sandboxId(), is("a"));
    assertThat(read.status().state(), is(V1Status.State.STATE_UNSPECIFIED));
  }

  @Test
  void givenManyMistakes_whenReadStrictly_thenEachIsNamed() {
    List<String> wrong =
        wrongFields(
            "{\"news\": 1, \"spec\": {\"maxLifetimeSeconds\": \"soon\", \"containers\":"
                + " [{\"name\": 5}, {\"image\": {}}], \"mode\": \"FAST\"}}",
            V1.Sandbox.class);

    assertThat(
        wrong,
        is(
            List.of(
                "news",
                "spec.maxLifetimeSeconds",
                "spec.containers[0].name",
                "spec.containers[1].image",
                "spec.mode")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{} {}",
        "{\"command\": \"ls\"}",
        "{\"command\": [null]}",
        "{\"maxOutputBytes\": 1.5}",
        "{\"maxOutputBytes\": 3000000000}",
        "{\"maxOutputBytes\": 1e999999999}",
        "{\"maxOutputBytes\": 1, \"max_output_bytes\": 1}",
        "{\"env\": {\"a\": 1}}",
        "{\"env\": {\"a\": \"1\", \"a\": \"2\"}}"
      })
  void givenWrongJson_whenReadStrictly_thenRefused(String json) {
    assertThat(wrongFields(json, V1.ExecRequest.class), hasSize(1));
  }

  @Test
  void givenDeepNesting_whenRead_thenRefusedAndTheStackHolds() {
    String deep = "{\"x\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";

    assertThrows(SandboxValidationException.class, () -> tolerantly(deep, V1.ExecRequest.class));
  }

  @ParameterizedTest
  @CsvSource({
    "an overlong NUL, 7b226964223a22c080227d",
    "a surrogate in three bytes, 7b226964223a22eda080227d",
    "a byte that starts nothing, 7b226964223a22ff227d",
    "a character that breaks off, 7b226964223a22c3227d",
    "UTF-16, fffe7b007d00",
    "UTF-16 without a mark, 007b007d"
  })
  void givenTextThatIsNotUtf8_whenReadStrictly_thenRefused(String what, String hex) {
    byte[] json = HexFormat.of().parseHex(hex);

    assertThrows(
        SandboxValidationException.class,
        () -> ProtoJson.readStrictly(json, V1.ExecRequest.class, ""),
        what);
  }

  @ParameterizedTest
  @CsvSource({
    "{\"container\": \"a\\ud800b\"}, container",
    "{\"container\": \"\\udc00\\ud800\"}, container",
    "{\"command\": [\"\\udfff\"]}, command[0]",
    "{\"env\": {\"a\": \"\\ud800\"}}, env.a",
    "{\"env\": {\"\\ud800\": \"a\"}}, env.?"
  })
  void givenHalfACharacter_whenReadStrictly_thenRefusedBecauseNoProgramWouldSeeIt(
      String json, String field) {
    assertThat(wrongFields(json, V1.ExecRequest.class), is(List.of(field)));
    tolerantly(json, V1.ExecRequest.class);
  }

  @Test
  void givenACharacterInTwoHalves_whenReadStrictly_thenItIsWhole() {
    V1.ExecRequest read = strictly("{\"command\": [\"\\ud834\\udd1e\"]}", V1.ExecRequest.class);

    assertThat(read.command(), is(List.of("𝄞")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"٣\"", "\"3 \"", "\"+3\"", "\"\"", "\"0x3\"", "\"3f\""})
  void givenANumberThatIsNoneOfJson_whenReadStrictly_thenRefused(String number) {
    assertThat(
        wrongFields("{\"maxOutputBytes\": " + number + "}", V1.ExecRequest.class), hasSize(1));
  }

  @Test
  void givenMoreValuesThanAnybodyNeeds_whenReadStrictly_thenRefusedBeforeTheyTakeMemory() {
    String many = "{\"command\": [\"a\"" + ",\"a\"".repeat(ProtoJson.MOST_VALUES) + "]}";

    List<Violation> wrong =
        assertThrows(SandboxValidationException.class, () -> strictly(many, V1.ExecRequest.class))
            .violations();

    assertThat(wrong, hasSize(1));
    assertThat(wrong.get(0).description(), containsString("100000"));
    assertThat(tolerantly(many, V1.ExecRequest.class).command(), hasSize(100_001));
  }

  @Test
  void givenNamesWithoutEnd_whenReadStrictly_thenTheAnswerStaysShort() {
    String name = "n".repeat(40_000);
    StringBuilder json = new StringBuilder("{\"env\": {");
    for (int i = 0; i < 30; i++) {
      json.append('"').append(name).append(i).append("\": 1, ");
    }
    json.append("\"x\": 1}, \"").append(name).append("\": 1}");

    SandboxValidationException refusal =
        assertThrows(
            SandboxValidationException.class,
            () -> strictly(json.toString(), V1.ExecRequest.class));

    assertThat(
        refusal.toString().length() + refusal.violations().toString().length(), lessThan(9_000));
  }

  @Test
  void givenTwoMembersOfAOneof_whenReadStrictly_thenRefused() {
    assertThat(
        wrongFields(
            "{\"name\": \"v\", \"scratch\": {}, \"volumeId\": \"x\"}", V1Spec.SandboxVolume.class),
        hasItem("volumeId"));
  }

  @Test
  void givenEmptyMessage_whenWritten_thenItIsToldFromAnAbsentOne() {
    V1Spec.SandboxVolume read =
        strictly("{\"name\": \"v\", \"scratch\": {}}", V1Spec.SandboxVolume.class);

    assertThat(new String(ProtoJson.write(read), UTF_8), is("{\"name\":\"v\",\"scratch\":{}}"));
  }

  @Test
  void givenQuery_whenParsed_thenOnlyPublishedNamesAndTypesPass() {
    Query query =
        Query.parse(
            ApiMethod.LIST_SANDBOXES,
            Map.of("tags", List.of("a", "b"), "page_size", List.of("7"), "state", List.of("2")));

    assertThat(query.strings("tags"), is(List.of("a", "b")));
    assertThat(query.int32("pageSize"), is(7));
    assertThat(query.state("state"), is(V1Status.State.STATE_RUNNING));
    for (Map<String, List<String>> wrong :
        List.of(
            Map.of("tag", List.of("a")),
            Map.of("", List.of("")),
            Map.of("pageSize", List.of("1e1")),
            Map.of("pageSize", List.of("٣")),
            Map.of("pageSize", List.of("x")),
            Map.of("pageSize", List.of("1", "2")),
            Map.of("showTerminated", List.of("yes")),
            Map.of("state", List.of("RUNNING")))) {
      assertThrows(
          SandboxValidationException.class, () -> Query.parse(ApiMethod.LIST_SANDBOXES, wrong));
    }
  }
}
