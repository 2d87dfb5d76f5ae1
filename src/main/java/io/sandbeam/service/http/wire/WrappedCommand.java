package io.sandbeam.service.http.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The form in which our client sends a command, since v1 has no field for its directory, its input
 * and its time limit: {@code SHELL -c SCRIPT sandbeam RUN CWD INPUT SECONDS MARK COMMAND…}. A
 * server that knows the form can tell which program it is about; what it runs is the same.
 */
public final class WrappedCommand {
  private static final String OPTION = "-c";
  private static final String NAME = "sandbeam";

  /** Where the words are that tell the form from any other. */
  private static final int OPTION_AT = 1;

  private static final int NAME_AT = 3;
  private static final int RUN_AT = 4;
  private static final int MARK_AT = 8;
  private static final int COMMAND_AT = 9;

  private WrappedCommand() {}

  /**
   * The words to send.
   *
   * @param script what the shell runs
   * @param run names this run in the sandbox
   * @param cwd where the command starts; empty where the sandbox says
   * @param input the file that it reads; empty for none
   * @param seconds its time limit
   */
  public static List<String> of(
      String shell,
      String script,
      String run,
      String cwd,
      String input,
      String seconds,
      List<String> command) {
    List<String> words =
        new ArrayList<>(
            List.of(shell, OPTION, script, NAME, run, cwd, input, seconds, markFile(run)));
    words.addAll(command);
    return words;
  }

  /** The file in which the script of a run notes how the command ended. */
  public static String markFile(String run) {
    return "/tmp/.sandbeam-" + run + ".end";
  }

  /** The program that such words are about; empty when they have another form. */
  public static Optional<String> programOf(List<String> words) {
    boolean wrapped =
        words.size() > COMMAND_AT
            && words.get(OPTION_AT).equals(OPTION)
            && words.get(NAME_AT).equals(NAME)
            && words.get(MARK_AT).equals(markFile(words.get(RUN_AT)));
    return wrapped ? Optional.of(words.get(COMMAND_AT)) : Optional.empty();
  }
}
