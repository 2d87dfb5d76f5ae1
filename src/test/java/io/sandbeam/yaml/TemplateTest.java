package io.sandbeam.yaml;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Variables of a file. */
class TemplateTest {

  @Test
  void givenAValue_thenItIsFilledIn() {
    assertThat(fill("path: {{ out }}/{{out}}", Map.of("out", "/tmp")), equalTo("path: /tmp//tmp"));
  }

  @Test
  void givenSingleBraces_thenTheyStay() {
    String command = "command: [echo, '{line}', ${x}, {a: {b: {}}}, '{ {x} }']";
    assertThat(fill(command, Map.of()), equalTo(command));
  }

  @Test
  void givenAQuotedText_thenItStandsForItself() {
    assertThat(fill("${{ '{#' }}x} {{ \"{{\" }}", Map.of()), equalTo("${#x} {{"));
  }

  @Test
  void givenAnUnknownVariable_thenNamesTheNearestAndTheOption() {
    assertThat(
        error("a: 1\nb:  {{ ouput }}", Map.of("output", "x")),
        equalTo(
            "f:2:5: variable 'ouput' has no value; did you mean 'output'?; give it with --set ouput=VALUE"
                + " (given: output); a field of a row has single braces: {ouput}"));
  }

  @Test
  void givenAFilter_thenRefusesIt() {
    assertThat(
        error("a: {{ x | upper }}", Map.of("x", "1")),
        equalTo(
            "f:1:4: {{ x | upper }} is more than a variable's name: filters, attributes and expressions of"
                + " Jinja are not supported, only {{ name }}"));
  }

  @Test
  void givenAStatementOrComment_thenRefusesIt() {
    assertThat(
        error("{% for x in y %}", Map.of()),
        containsString("f:1:1: '{%' opens a Jinja statement, and only"));
    assertThat(
        error("a: ${#x}", Map.of()), containsString("f:1:5: '{#' opens a Jinja comment, and only"));
  }

  @Test
  void givenAnUnclosedVariable_thenNamesItsPlace() {
    assertThat(
        error("\n\n {{ x", Map.of()),
        containsString("f:3:2: '{{' opens a variable that no '}}' closes"));
  }

  @Test
  void givenValuesOfAnyLength_thenLaterErrorsNameTheWrittenPlace() {
    String yaml = "a: {{ x }}\nb: 1\npipelin: 2\n";
    PipelineFileException thrown =
        assertThrows(
            PipelineFileException.class,
            () -> PipelineFile.parse("f", yaml, Map.of("x", "[1,\n2,\n3]")));
    assertThat(thrown.line(), equalTo(1));
    PipelineFileException later =
        assertThrows(
            PipelineFileException.class,
            () ->
                PipelineFile.parse(
                    "f", "options: {{ x }}\nb: 1\n", Map.of("x", "{a: 1,\nc: 😀,\nd: 3}")));
    assertThat(later.getMessage(), containsString("f:2:1: unknown key 'b'"));
  }

  @Test
  void givenValuesWithoutMeasure_thenRefusesThem() {
    assertThat(
        error("{{x}}".repeat(100), Map.of("x", "y".repeat(100))),
        containsString("with its variables filled in, the file is larger than 1000 characters"));
  }

  private static String fill(String text, Map<String, String> variables) {
    return Template.fill("f", text, variables, 1000).text();
  }

  private static String error(String text, Map<String, String> variables) {
    return assertThrows(PipelineFileException.class, () -> fill(text, variables)).getMessage();
  }
}
