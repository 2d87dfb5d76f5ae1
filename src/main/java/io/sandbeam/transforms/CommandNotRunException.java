package io.sandbeam.transforms;

/**
 * A command could not be run, and nobody asked for such failures as an output: the pipeline fails.
 */
public final class CommandNotRunException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandNotRunException(String step, Outcome.NotRun notRun) {
    super(
        "Step "
            + step
            + (notRun.id() == null ? ": a command" : ": command '" + notRun.id() + "'")
            + " could not be run: "
            + notRun.message()
            + ". To keep such elements and go on, use failures() in Java, or error_handling: {output: …} in YAML");
  }
}
