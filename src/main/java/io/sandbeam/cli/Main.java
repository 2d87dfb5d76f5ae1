package io.sandbeam.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The launcher's entry: reads the subcommand and hands over to its class. */
@Command(
    name = "sandbeam",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    description = "Runs commands over data, each in a sandbox, and leaves none behind.",
    usageHelpAutoWidth = true,
    footer = {
      "",
      "Exit status of run: 0 all commands succeeded and nothing leaked; 1 some commands did not"
          + " succeed; 2 bad usage or bad pipeline file; 3 the pipeline failed; 4 sandboxes are left."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  public static void main(String[] args) {
    // Threads that a runner or a service left behind do not keep the launcher.
    System.exit(execute(System.in, System.out, System.err, args));
  }

  /** Runs one command line; answers the exit status. For {@code main} and for tests. */
  static int execute(InputStream in, PrintStream out, PrintStream err, String... args) {
    Terminal terminal = new Terminal(in, out, err);
    CommandLine launcher =
        new CommandLine(new Main())
            .addSubcommand(new RunCommand(terminal))
            .addSubcommand(new SweepCommand(terminal))
            .addSubcommand(new ListCommand(terminal))
            .addSubcommand(new DeleteCommand(terminal))
            .addSubcommand(new ExecCommand(terminal))
            .addSubcommand(new DoctorCommand(terminal))
            .addSubcommand(new ServeCommand(terminal))
            .addSubcommand(new TokenCommand(terminal));
    launcher.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    launcher.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    launcher.setCaseInsensitiveEnumValuesAllowed(true);
    launcher.setParameterExceptionHandler((failure, given) -> usage(terminal, failure));
    launcher.setExecutionExceptionHandler(
        (failure, command, given) -> Reports.failure(terminal, command.getCommandName(), failure));
    int status = launcher.execute(args);
    out.flush();
    return status == ExitCode.OK && terminal.isClosed() ? ExitCode.BROKEN_PIPE : status;
  }

  private static int usage(Terminal terminal, ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    if (failure instanceof UnmatchedArgumentException unmatched
        && command.getParent() == null
        && !unmatched.isUnknownOption()) {
      terminal.say(
          "unknown command '"
              + unmatched.getUnmatched().get(0)
              + "'; it is one of "
              + names(command.getCommandSpec()));
      terminal.say("see sandbeam --help");
      return ExitCode.USAGE;
    }
    terminal.say(failure.getMessage());
    if (failure instanceof UnmatchedArgumentException unmatched) {
      UnmatchedArgumentException.printSuggestions(unmatched, command.getErr());
    }
    terminal.say("see " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: one of " + names(spec));
  }

  private static String names(CommandSpec spec) {
    return String.join(", ", spec.subcommands().keySet());
  }

  /** The version of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"sandbeam " + (version == null ? "(built from source)" : version)};
    }
  }
}
