package io.sandbeam.service.docker;

import io.sandbeam.service.leased.CommandShell;
import io.sandbeam.service.leased.Job;
import java.nio.charset.StandardCharsets;

/** Writes what process 1 runs for a command, and sends it what does not fit into a line. */
final class CommandWriter {
  /** Longer code travels as a file: process 1 reads its lines byte by byte. */
  private static final int LONGEST_LINE = 6000;

  /** In a quoted word: process 1 reads lines, and has a variable that holds the end of one. */
  private static final String LINE_BREAK = "'\"$s_nl\"'";

  /** The variables of process 1 are those whose names begin so. */
  static final CommandShell SHELL = new CommandShell(name -> name.startsWith("s_"));

  private final Commands.Host host;

  CommandWriter(Commands.Host host) {
    this.host = host;
  }

  /** One line of shell code, which ends with an exec. What it reads has been sent. */
  String code(long number, Job job) {
    StringBuilder code = new StringBuilder();
    if (job.kind() == Job.Kind.MAIN) {
      code.append("exec > /dev/null 2>&1; ");
    }
    byte[] input = job.input();
    if (input.length > 0) {
      String file = ContainerPlan.PRIVATE + "/" + send(input, "i" + number);
      code.append("exec < ").append(file).append("; rm -f ").append(file).append("; ");
    }
    // What breaks lines in it is in quoted words.
    String own = job.code().write(number).replace("\n", LINE_BREAK);
    byte[] bytes = ("rm -f $s_code; " + own + "\n").getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_LINE) {
      // The shell has it open when it removes it.
      return code.append("s_code=$s_d/")
          .append(send(bytes, "c" + number))
          .append("; . $s_code")
          .toString();
    }
    return code.append(own).toString();
  }

  /** Its name cannot be foreseen: nothing that ran before can have put something in its place. */
  private String send(byte[] bytes, String prefix) {
    String name = prefix + "." + Secret.random();
    host.send("b " + bytes.length + " " + name, bytes);
    return name;
  }
}
