package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.anEmptyMap;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file of templates is right, or refused with the place that is wrong. */
class TemplateFileTest {
  private static final String GOOD =
      "{\"revision\": 3, \"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"a\"}]}}";
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("templates.json");
  }

  @Test
  void givenTemplates_whenRead_thenEachHasItsRevisionAndSpec() throws IOException {
    Files.writeString(file, "{\"one\": " + GOOD + ", \"two\": " + GOOD.replace("3", "4") + "}");

    Map<String, Template> templates = TemplateFile.read(file);

    assertThat(templates.get("one").revision(), is(3L));
    assertThat(templates.get("two").revision(), is(4L));
    assertThat(templates.get("two").spec().containers().get(0).image(), is("a"));
  }

  @Test
  void givenNoTemplate_whenRead_thenThereIsNone() throws IOException {
    Files.writeString(file, "{}");

    assertThat(TemplateFile.read(file), is(anEmptyMap()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'' | is not a JSON object",
        "[] | is not a JSON object",
        "{\"a\": | is not JSON at line 1",
        "{} {} | is not JSON at line 1",
        "{\"a\": GOOD, \"a\": GOOD} | Duplicate field 'a'",
        "{\"a b\": GOOD} | template 'a b': Invalid id",
        "{\"a\": 1} | template 'a': Invalid template: it is not a JSON object",
        "{\"a\": {\"revision\": 1}} | template 'a': Invalid spec: it is missing",
        "{\"a\": {\"revision\": 1, \"spec\": []}} | template 'a': Invalid spec: it is an array",
        "{\"a\": {\"revision\": 0, \"spec\": {}}} | template 'a': Invalid revision: it is 0",
        "{\"a\": {\"revision\": 1.5, \"spec\": {}}} | template 'a': Invalid revision: it is 1.5",
        "{\"a\": {\"spec\": {}}} | template 'a': Invalid revision: it is missing",
        "{\"a\": {\"revison\": 1, \"spec\": {}}} | template 'a': Invalid revison",
        "{\"a\": {\"revision\": 1, \"spec\": {}}} | template 'a': Invalid spec.containers",
        "{\"a\": GOOD, \"b\": {\"revision\": 1, \"spec\": {\"containers\": [{\"name\": \"m\", \"img\": \"a\"}]}}} |"
            + " template 'b': Invalid spec.containers[0].img: no such field in Container",
        "{\"a\": {\"revision\": 1, \"spec\": {\"containers\": [{\"name\": \"m\"}]}}} |"
            + " template 'a': Invalid spec.containers[0].image",
        "{\"a\": {\"revision\": 1, \"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}],"
            + " \"runtimeClass\": \"x\"}}} | template 'a': Not implemented here: runtimeClass",
        "{\"a\": {\"revision\": 1, \"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}],"
            + " \"tags\": [\"owner.root\"]}}} | template 'a': Invalid tag 'owner.root'",
        "{\"a\": {\"revision\": 1, \"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}],"
            + " \"annotations\": {\"sandbeam.io/max-lifetime\": \"PT1.5S\"}}}} |"
            + " template 'a': Invalid spec.annotations.sandbeam.io/max-lifetime"
      })
  void givenAMistake_whenRead_thenTheMessageNamesFileTemplateAndField(String json, String said)
      throws IOException {
    Files.writeString(file, json.equals("''") ? "" : json.replace("GOOD", GOOD));

    SandboxException refusal = assertThrows(SandboxException.class, () -> TemplateFile.read(file));

    assertThat(refusal.getMessage(), allOf(containsString(file.toString()), containsString(said)));
  }

  @Test
  void givenMoreTemplatesThanItTakes_whenRead_thenRefused() throws IOException {
    StringBuilder many = new StringBuilder("{\"t\": " + GOOD);
    for (int i = 0; i < 1000; i++) {
      many.append(", \"t").append(i).append("\": ").append(GOOD);
    }
    Files.writeString(file, many.append("}"));

    SandboxException refusal = assertThrows(SandboxException.class, () -> TemplateFile.read(file));

    assertThat(refusal.getMessage(), containsString("1001 templates; it takes at most 1000"));
  }
}
