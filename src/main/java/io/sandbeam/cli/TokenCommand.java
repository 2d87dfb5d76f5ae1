package io.sandbeam.cli;

import io.sandbeam.server.Role;
import io.sandbeam.server.TokenFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sandbeam token}: lets somebody call a server. */
@Command(
    name = "token",
    description = {
      "Makes a token for a caller of `sandbeam serve`, prints it once, and appends its hash to the file.",
      "To take a token back, delete its line; a running server notices."
    },
    footer = {
      "",
      "Examples:",
      "  sandbeam token --file=tokens alice",
      "  CWSANDBOX_API_KEY=$(sandbeam token --file=tokens ops --admin)"
    })
final class TokenCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      required = true,
      description = "The token file; made for its owner only if it is not there.")
  private Path file;

  @Option(names = "--admin", description = "Sees and ends the sandboxes of all callers.")
  private boolean isAdmin;

  @Parameters(paramLabel = "NAME", description = "Whose: 1 to 39 characters of A-Z a-z 0-9 . _ -")
  private String name;

  TokenCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    String token = TokenFile.mint(file, name, isAdmin ? Role.ADMIN : Role.USER);
    terminal.out().println(token);
    terminal.say(
        "this is the only time the token of '" + name + "' is shown; " + file + " has its hash");
    return ExitCode.OK;
  }
}
