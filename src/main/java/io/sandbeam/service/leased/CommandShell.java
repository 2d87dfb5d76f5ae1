package io.sandbeam.service.leased;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The shell that starts a service's commands, and how it is told of them: data is quoted, whatever
 * it is, and never read as anything but data. Immutable.
 *
 * @param ownNames which names the service's own code gives a meaning of its own
 */
public record CommandShell(Predicate<String> ownNames) {

  /**
   * Names that some shell refuses to set or gives a meaning of its own; {@code env} passes those.
   */
  private static final Set<String> SPECIAL =
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
   * A user's command, on one line but for the line breaks in quoted words.
   *
   * @param env all variables beyond those that every sandbox has
   */
  public CommandCode command(String directory, Map<String, String> env, List<String> argv) {
    return number -> {
      StringBuilder code = new StringBuilder(256);
      code.append("cd ").append(quote(directory)).append(" || exit 126; unset OLDPWD;");
      code.append(" export SANDBEAM_EXEC=").append(number).append('.');
      Map<String, String> special = new TreeMap<>();
      env.forEach(
          (name, value) -> {
            if (SPECIAL.contains(name) || name.startsWith("BASH_") || ownNames.test(name)) {
              special.put(name, value);
            } else {
              code.append(' ').append(name).append('=').append(quote(value));
            }
          });
      // Not every shell's exec takes "--": env does, for a program whose name begins with a dash.
      code.append("; exec");
      if (!special.isEmpty() || argv.get(0).startsWith("-")) {
        code.append(" env --");
        special.forEach((name, value) -> code.append(' ').append(quote(name + "=" + value)));
      }
      return words(code.toString(), argv);
    };
  }

  /** Code, and words behind it that the shell takes as they are. */
  static String words(String code, List<String> words) {
    StringBuilder all = new StringBuilder(code);
    words.forEach(word -> all.append(' ').append(quote(word)));
    return all.toString();
  }

  /** One word for the shell, whatever it holds. */
  public static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
