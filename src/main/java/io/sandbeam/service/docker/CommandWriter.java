package io.sandbeam.service.docker;

import java.nio.charset.StandardCharsets;

/** Writes what process 1 runs for a command, and sends it what does not fit into a line. */
final class CommandWriter {
  /** Longer code travels as a file: process 1 reads its lines byte by byte. */
  private static final int LONGEST_LINE = 6000;

  private final Commands.Host host;

  CommandWriter(Commands.Host host) {
    this.host = host;
  }

  /** One line of shell code, which ends with an exec. What it reads has been sent. */
  String code(Execution execution) {
    StringBuilder code = new StringBuilder();
    if (!execution.speaks()) {
      code.append("exec > /dev/null 2>&1; ");
    }
    byte[] input = execution.job.input();
    if (input.length > 0) {
      String file = ContainerPlan.PRIVATE + "/" + send(input, "i" + execution.number);
      code.append("exec < ").append(file).append("; rm -f ").append(file).append("; ");
    }
    String own = execution.job.code().write(execution.number);
    byte[] bytes = ("rm -f $s_code; " + own + "\n").getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_LINE) {
      // The shell has it open when it removes it.
      return code.append("s_code=$s_d/")
          .append(send(bytes, "c" + execution.number))
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
