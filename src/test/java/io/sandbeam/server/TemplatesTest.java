package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running server takes from its file of templates, look by look. */
class TemplatesTest {
  @TempDir Path folder;
  private Path file;
  private Templates templates;

  @BeforeEach
  void one() throws IOException {
    file = folder.resolve("templates.json");
    write("one", 1);
    templates = Templates.of(file, new HastyClock());
    assertThat(templates.find("one").revision(), is(1L));
  }

  @Test
  void givenAChange_thenItCounts() throws IOException {
    write("one", 22);
    assertThat(templates.find("one").revision(), is(22L));

    write("other", 1);
    assertThat(templates.find("other").revision(), is(1L));
    assertThat(refusal("one"), containsString("'one' not found: there are [other]"));
  }

  @Test
  void givenABrokenFile_thenTheLastGoodOneStaysUntilItIsMended() throws IOException {
    Files.writeString(file, "{\"one\": {\"revision\": 2, \"spec\": {\"containers\"");
    assertThat(templates.find("one").revision(), is(1L));

    Files.delete(file);
    assertThat(templates.find("one").revision(), is(1L));

    write("one", 3);
    assertThat(templates.find("one").revision(), is(3L));
  }

  @Test
  void givenABrokenFileAtTheStart_thenThereIsNoStart() throws IOException {
    Files.writeString(file, "[]");

    assertThrows(SandboxException.class, () -> Templates.of(file, new HastyClock()));
  }

  @Test
  void givenNoFile_thenTheMessageNamesTheOption() {
    Failures.Refusal refusal =
        assertThrows(Failures.Refusal.class, () -> Templates.none().find("one"));

    assertThat(refusal.getMessage(), containsString("--templates=FILE"));
  }

  private String refusal(String id) {
    return assertThrows(Failures.Refusal.class, () -> templates.find(id)).getMessage();
  }

  private void write(String id, int revision) throws IOException {
    Files.writeString(
        file,
        "{\""
            + id
            + "\": {\"revision\": "
            + revision
            + ", \"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"a\"}]}}}");
  }
}
