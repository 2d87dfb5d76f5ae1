package io.sandbeam.docs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder like a fresh checkout: the project's scripts, its pipelines and their data, and nothing
 * that an earlier run wrote.
 */
final class Checkout {
  private static final Path PROJECT = Path.of("").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Path folder;
  private final String stateDirectory;

  /** How a script ended. */
  record Ended(int status, String out, String err) {}

  private Checkout(Path folder) {
    this.folder = folder;
    // Of this test alone, so that other runs on this machine are neither counted nor swept.
    this.stateDirectory = folder.resolve("state").toString();
  }

  static Checkout in(Path folder) throws IOException {
    // Passable for the user that root's sandboxes run as, which JUnit's temporary folders are not.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Files.createSymbolicLink(folder.resolve("scripts"), PROJECT.resolve("scripts"));
    copy(PROJECT.resolve("pipelines"), folder.resolve("pipelines"));
    return new Checkout(folder);
  }

  /** The text of one of the project's files. */
  static String text(String file) throws IOException {
    return Files.readString(PROJECT.resolve(file));
  }

  Path path(String file) {
    return folder.resolve(file);
  }

  /** Runs a command line of the README as a shell would. */
  Ended shell(String line) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    Process process = start(line, out, err);
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError(line + " did not end; it said: " + Files.readString(err));
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Starts a server by such a command line; whoever calls this stops it. */
  Server serve(String line) throws IOException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    // Without the shell in between: the signal that stops it is for the server itself.
    return Server.of(start("exec " + line, out, err), out, err);
  }

  private Process start(String line, Path out, Path err) throws IOException {
    ProcessBuilder shell =
        new ProcessBuilder("bash", "-c", line)
            .directory(folder.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    shell.environment().put("SANDBEAM_STATE_DIR", stateDirectory);
    return shell.start();
  }

  /** The lines of all shards of an output, in no order. */
  List<String> output(String prefix) throws IOException {
    Path base = folder.resolve(prefix);
    List<String> lines = new ArrayList<>();
    try (Stream<Path> shards = Files.list(base.getParent())) {
      for (Path shard : shards.sorted().toList()) {
        if (shard.getFileName().toString().startsWith(base.getFileName() + "-")) {
          lines.addAll(Files.readAllLines(shard, StandardCharsets.UTF_8));
        }
      }
    }
    return lines;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
