package io.sandbeam.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as a process of its own: its status reaches the shell, and it ends. */
class MainProcessTest {
  @TempDir Path folder;

  @Test
  void givenAServiceThatWorks_thenTheStatusIsZero() throws IOException, InterruptedException {
    Process process = start("doctor", "--service=memory");
    assertThat(read("out"), startsWith("memory: "));
    assertThat(process.exitValue(), equalTo(0));
  }

  @Test
  void givenABadFile_thenTheStatusIsTwoAndStandardOutputIsEmpty()
      throws IOException, InterruptedException {
    Process process = start("run", "/no/such.yaml");
    assertThat(read("err"), equalTo("sandbeam: /no/such.yaml: there is no such file\n"));
    assertThat(read("out"), equalTo(""));
    assertThat(process.exitValue(), equalTo(2));
  }

  private Process start(String... args) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
            java, "-cp", System.getProperty("java.class.path"), Main.class.getName());
    builder.command().addAll(List.of(args));
    builder.redirectOutput(folder.resolve("out").toFile());
    builder.redirectError(folder.resolve("err").toFile());
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(60, SECONDS), "the launcher did not end");
    } finally {
      process.destroyForcibly();
    }
    return process;
  }

  private String read(String name) throws IOException {
    return Files.readString(folder.resolve(name), StandardCharsets.UTF_8);
  }
}
