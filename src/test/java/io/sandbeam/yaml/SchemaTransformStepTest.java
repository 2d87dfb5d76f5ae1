package io.sandbeam.yaml;

import static io.sandbeam.yaml.PipelineFiles.error;
import static io.sandbeam.yaml.PipelineFiles.run;
import static org.apache.beam.sdk.PipelineResult.State.DONE;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import org.junit.jupiter.api.Test;

/** Steps that a schema transform on the class path carries out; here {@link EchoProvider}. */
class SchemaTransformStepTest {
  private static final String ECHO = "beam:schematransform:org:sandbeam:test-echo:v1";

  @Test
  void givenAConfig_thenTextKeepsTheSpellingOfTheFile() {
    assertThat(
        run(
            "pipeline:",
            "  type: chain",
            "  transforms:",
            "    - {type: Create, config: {elements: [1]}}",
            "    - type: " + ECHO,
            "      config:",
            "        command: [sleep, 1.50, 0x10, yes, 2024-01-02, \"{line}\"]",
            "        count: 3",
            "        ratio: 1",
            "        enabled: on",
            "        env: {A: 007}",
            "    - type: AssertEqual",
            "      config:",
            "        elements:",
            "          - text: 'command=[sleep, 1.50, 0x10, yes, 2024-01-02, {line}] count=3 ratio=1.0 enabled=true env={A=007}'"),
        equalTo(DONE));
  }

  @Test
  void givenADeclaredJarProvider_thenItsNameWorks() {
    assertThat(
        run(
            "providers:",
            "  - {type: javaJar, config: {jar: echo.jar}, transforms: {Echo: '" + ECHO + "'}}",
            "pipeline:",
            "  transforms:",
            "    - {type: Create, config: {elements: [1]}}",
            "    - {type: Echo, input: Create, config: {command: [a], error_handling: {output: bad}}}",
            "    - {type: LogForTesting, input: Echo, config: {level: debug}}",
            "    - {type: AssertEqual, name: Bad, input: Echo.bad, config: {elements: [{text: failed}]}}"),
        equalTo(DONE));
  }

  @Test
  void givenAnUnknownKey_thenNamesTheNearest() {
    assertThat(
        echoError("comand: [a]"),
        equalTo(
            "test.yaml:6:16: unknown key 'comand' in the config of "
                + ECHO
                + "; did you mean 'command'?; it takes: command, count, enabled, env, error_handling, ratio"));
  }

  @Test
  void givenAValueOfAnotherType_thenNamesPlaceAndType() {
    assertThat(
        echoError("command: ls"),
        containsString("'command' of " + ECHO + " must be a list, not 'ls'"));
    assertThat(echoError("command: [a, [b]]"), containsString("must be text, not a list"));
    assertThat(
        echoError("command: [a], count: few"),
        containsString("'count' of " + ECHO + " must be a whole number, not 'few'"));
    assertThat(
        echoError("command: [a], count: 3000000000"),
        containsString("must be a whole number, not '3000000000'"));
    assertThat(
        echoError("command: [a], ratio: half"), containsString("must be a number, not 'half'"));
    assertThat(
        echoError("command: [a], enabled: 1"), containsString("must be true or false, not '1'"));
    assertThat(
        echoError("command: [a], env: [b]"),
        containsString("must be a mapping (key: value), not a list"));
    assertThat(
        echoError("command: [a], env: {b: {c: d}}"),
        startsWith("test.yaml:6:39: 'b' in 'env' of "));
  }

  @Test
  void givenAMissingKey_thenNamesIt() {
    assertThat(echoError("count: 1"), containsString(ECHO + " needs 'command' in its config"));
  }

  @Test
  void givenAConfigThatTheTransformRefuses_thenItsWordsAreAtTheStep() {
    assertThat(
        echoError("command: []"), equalTo("test.yaml:6:15: " + ECHO + ": the command is empty"));
  }

  @Test
  void givenAnUnknownIdentifier_thenNamesTheNearest() {
    assertThat(
        error(
            "pipeline:",
            "  transforms:",
            "    - type: beam:schematransform:org:sandbeam:test-ecko:v1"),
        containsString("is on the class path; did you mean '" + ECHO + "'?"));
  }

  private static String echoError(String config) {
    return error(
        "pipeline:",
        "  type: chain",
        "  transforms:",
        "    - {type: Create, config: {elements: [1]}}",
        "    - type: " + ECHO,
        "      config: {" + config + "}");
  }
}
