package io.sandbeam.service.docker;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The shell code of one command, on one line. A pure function: data is quoted, whatever it is, and
 * never read by the shell as anything but data.
 */
interface CommandCode {

  /**
   * Names that some shell refuses to set or gives a meaning of its own; {@code env} passes those.
   */
  Set<String> SPECIAL =
      Set.of(
          "BASHOPTS",
          "EUID",
          "FUNCNAME",
          "GROUPS",
          "HISTCMD",
          "IFS",
          "LINENO",
          "OLDPWD",
          "OPTARG",
          "OPTIND",
          "PPID",
          "PWD",
          "RANDOM",
          "SECONDS",
          "SHELLOPTS",
          "UID",
          "_");

  /**
   * The code.
   *
   * @param number marks the command's processes
   */
  String write(long number);

  /**
   * A user's command.
   *
   * @param env all variables beyond those of the container
   */
  static CommandCode of(String directory, Map<String, String> env, List<String> argv) {
    return number -> {
      StringBuilder code = new StringBuilder(256);
      code.append("cd ").append(quote(directory)).append(" || exit 126; unset OLDPWD;");
      code.append(" export SANDBEAM_EXEC=").append(number).append('.');
      Map<String, String> special = new TreeMap<>();
      env.forEach(
          (name, value) -> {
            if (SPECIAL.contains(name) || name.startsWith("BASH_") || name.startsWith("s_")) {
              special.put(name, value);
            } else {
              code.append(' ').append(name).append('=').append(quote(value));
            }
          });
      // Not every shell's exec takes "--": a program whose name begins with a dash goes through
      // env.
      code.append("; exec");
      if (!special.isEmpty() || argv.get(0).startsWith("-")) {
        code.append(" env --");
        special.forEach((name, value) -> code.append(' ').append(quote(name + "=" + value)));
      }
      argv.forEach(word -> code.append(' ').append(quote(word)));
      return code.toString();
    };
  }

  /** Code of our own: a function of the watchdog, or a program, and its arguments. */
  static CommandCode own(String program, List<String> arguments) {
    StringBuilder code = new StringBuilder(program);
    arguments.forEach(word -> code.append(' ').append(quote(word)));
    return number -> code.toString();
  }

  /** One word for the shell, on one line: line breaks are in a variable of the watchdog. */
  static String quote(String word) {
    return "'" + word.replace("'", "'\\''").replace("\n", "'\"$s_nl\"'") + "'";
  }
}
