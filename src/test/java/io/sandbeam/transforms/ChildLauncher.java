package io.sandbeam.transforms;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link JobInterruptChild} in a process of its own, which a test signals. */
final class ChildLauncher implements AutoCloseable {
  private final Process process;
  private final Path said;

  private ChildLauncher(Process process, Path said) {
    this.process = process;
    this.said = said;
  }

  /** Starts it; what it says is kept in the folder. */
  static ChildLauncher start(Path folder, String... options) throws IOException {
    Path said = folder.resolve("said");
    List<String> command = new ArrayList<>();
    // A shell that runs in the background starts its children with SIGINT ignored.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(JobInterruptChild.class.getName());
    command.addAll(List.of(options));
    return new ChildLauncher(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start(),
        said);
  }

  void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor(), is(0));
  }

  boolean endsWithin(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  int status() {
    return process.exitValue();
  }

  String said() throws IOException {
    return Files.readString(said);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
