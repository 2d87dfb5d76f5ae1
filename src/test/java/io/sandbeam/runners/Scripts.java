package io.sandbeam.runners;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The project's scripts, as a shell in some folder runs them. */
public final class Scripts {
  private static final Path PROJECT = Path.of("").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final Duration END_LIMIT = Duration.ofSeconds(10);
  private static final String STATE_DIR = "SANDBEAM_STATE_DIR";

  private final Path folder;
  private final Map<String, String> environment;

  private Scripts(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /**
   * In a folder that has the scripts and the pipelines, and records of sandboxes of its own: other
   * runs on this machine are neither counted nor swept.
   */
  public static Scripts in(Path folder) throws IOException {
    // Passable for the user that root's sandboxes run as, which JUnit's temporary folders are not.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    for (String name : List.of("scripts", "pipelines")) {
      Files.createSymbolicLink(folder.resolve(name), PROJECT.resolve(name));
    }
    return new Scripts(folder, Map.of(STATE_DIR, folder.resolve("state").toString()));
  }

  /** What every process that they start in a folder inherits, and no other has. */
  public static String inherited(Path folder) {
    return STATE_DIR + "=" + folder.resolve("state");
  }

  /** How a script ended. */
  public record Ended(int status, String out, String err) {}

  /** The class path of a runner; downloads and builds what is not there yet. */
  static String setup(String runner) throws IOException, InterruptedException {
    Ended setup = new Scripts(PROJECT, Map.of()).run("./scripts/setup --print --runner=" + runner);
    assertThat(setup.err(), setup.status(), is(0));
    return setup.out().strip();
  }

  /** Runs a command line; one that is interrupted or too slow is ended with all it has started. */
  public Ended run(String line) throws IOException, InterruptedException {
    Path out = Files.createTempFile("sandbeam-out", ".txt");
    Path err = Files.createTempFile("sandbeam-err", ".txt");
    try {
      Process process = start(line, out, err);
      if (!isOver(process)) {
        throw new AssertionError(line + " did not end; it said: " + Files.readString(err));
      }
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static boolean isOver(Process process) throws InterruptedException {
    boolean over = false;
    try {
      over = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } finally {
      if (!over) {
        end(process);
      }
    }
    return over;
  }

  /** Whoever is interrupted here has no time, but what it started may hold a lock or a port. */
  private static void end(Process process) {
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroy);
    CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, END_LIMIT.toSeconds(), TimeUnit.SECONDS)
        .join();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** Starts a command line, without a shell that stays in between: signals are for itself. */
  public Process start(String line, Path out, Path err) throws IOException {
    ProcessBuilder shell =
        new ProcessBuilder("bash", "-c", "exec " + line)
            .directory(folder.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    shell.environment().putAll(environment);
    return shell.start();
  }
}
