package io.sandbeam.service.local;

import static io.sandbeam.service.leased.CommandShell.quote;

import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.CommandShell;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the shell commands that the watchdog sources for one command. Pure. */
final class ExecScript {
  /** Nothing of ours reads a variable once those of the command are set. */
  static final CommandShell SHELL = new CommandShell(name -> false);

  private ExecScript() {}

  /** Where the three standard streams come from and go to, as paths in the sandbox. */
  record Streams(String in, String out, String err) {
    String redirections() {
      return "exec <" + quote(in) + " >" + quote(out) + " 2>" + quote(err) + "\n";
    }
  }

  /** All that the watchdog sources. */
  static byte[] write(Streams streams, String code) {
    return (streams.redirections() + code + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Our own shell code; its {@code $1…} are the arguments. */
  static CommandCode code(String code, List<String> arguments) {
    CommandCode words = CommandCode.own("set --", arguments);
    // Messages of the tools are read by us.
    return number -> words.write(number) + "\nexport LC_ALL=C\numask 022\n" + code;
  }
}
