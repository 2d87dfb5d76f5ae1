package io.sandbeam.runners;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The project's scripts, as a shell runs them. */
final class Scripts {
  private static final Duration LIMIT = Duration.ofMinutes(6);

  private Scripts() {}

  /** How a script ended. */
  record Ended(int status, String out, String err) {}

  /** The class path of a runner; downloads and builds what is not there yet. */
  static String setup(String runner) throws IOException, InterruptedException {
    Ended setup = run(Map.of(), "./scripts/setup --print --runner=" + runner);
    assertThat(setup.err(), setup.status(), is(0));
    return setup.out().strip();
  }

  /** Runs a command line in the project's folder. */
  static Ended run(Map<String, String> environment, String line)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("sandbeam-out", ".txt");
    Path err = Files.createTempFile("sandbeam-err", ".txt");
    try {
      Process process = start(environment, line, out, err);
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(line + " did not end; it said: " + Files.readString(err));
      }
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Starts a command line, without a shell that stays in between: signals are for itself. */
  static Process start(Map<String, String> environment, String line, Path out, Path err)
      throws IOException {
    ProcessBuilder shell =
        new ProcessBuilder("bash", "-c", "exec " + line)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    shell.environment().putAll(environment);
    return shell.start();
  }
}
