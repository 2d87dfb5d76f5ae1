package io.sandbeam.service.leased;

import java.util.List;

/** The shell code of one command. Pure, and so thread-safe. */
public interface CommandCode {
  /**
   * The code.
   *
   * @param number marks the command's processes
   */
  String write(long number);

  /** Code of a service's own: a function that its shell knows, or a program, and its arguments. */
  static CommandCode own(String program, List<String> arguments) {
    String code = CommandShell.words(program, arguments);
    return number -> code;
  }
}
