package io.sandbeam.service.http;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.http.wire.WrappedCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The words that run one command in a sandbox, with what v1 has no field for: its directory, its
 * input from a file, its time limit.
 *
 * <p>The command itself stays a list of words behind a fixed script, so that none of them is ever
 * read by the shell. A server that keeps the time (see {@link
 * io.sandbeam.service.http.wire.ExecHeaders}) makes the script step aside; otherwise the script
 * kills the command at its limit, with everything it started that kept its environment, and notes
 * how it ended in a file: an exit code alone could be the command's own.
 *
 * @param run names this run in the sandbox
 */
record CommandScript(String run) {
  private static final String COMMAND = load("command.sh");
  private static final String KILL = load("kill.sh");
  private static final String APPEND = "cat -- \"$2\" >>\"$1\" && rm -f -- \"$2\"";

  /** KILL, as a shell reports it: the one code that may mean more than the command's own end. */
  static final int KILLED = 137;

  static CommandScript mint() {
    return new CommandScript(UUID.randomUUID().toString());
  }

  List<String> command(String shell, ExecRequest request, boolean input) {
    String seconds = BigDecimal.valueOf(request.timeout().toMillis(), 3).toPlainString();
    return WrappedCommand.of(
        shell,
        COMMAND,
        run,
        request.cwd().orElse(""),
        input ? inputFile() : "",
        seconds,
        request.command());
  }

  /** Kills what is left of the run. */
  List<String> kill(String shell) {
    return List.of(shell, "-c", KILL, "sandbeam-kill", run);
  }

  /** Adds the next piece of the input to the ones before. */
  List<String> append(String shell) {
    return List.of(shell, "-c", APPEND, "sandbeam-input", inputFile(), pieceFile());
  }

  String inputFile() {
    return "/tmp/.sandbeam-" + run + ".in";
  }

  String pieceFile() {
    return "/tmp/.sandbeam-" + run + ".piece";
  }

  /** Holds the name of an {@link io.sandbeam.service.ExecOutcome} when it is not EXITED. */
  String markFile() {
    return WrappedCommand.markFile(run);
  }

  /** Without its comments, which every request would carry. */
  private static String load(String name) {
    try (InputStream in = CommandScript.class.getResourceAsStream(name)) {
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return script
          .lines()
          .filter(line -> !line.strip().startsWith("#"))
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException("the jar holds " + name, e);
    }
  }
}
