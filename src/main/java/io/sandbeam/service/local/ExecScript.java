package io.sandbeam.service.local;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes the shell commands that the watchdog sources for one command. Pure. */
final class ExecScript {

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

  private ExecScript() {}

  /** Where the three standard streams come from and go to, as paths in the sandbox. */
  record Streams(String in, String out, String err) {
    String redirections() {
      return "exec <" + quote(in) + " >" + quote(out) + " 2>" + quote(err) + "\n";
    }
  }

  /**
   * The script of a command.
   *
   * @param sequence marks the command's processes, see the watchdog
   * @param env all variables beyond those that every sandbox has
   */
  static byte[] command(
      long sequence,
      Streams streams,
      String directory,
      Map<String, String> env,
      List<String> argv) {
    StringBuilder script = new StringBuilder(256).append(streams.redirections());
    script.append("cd ").append(quote(directory)).append(" || exit 126\nunset OLDPWD\n");
    script.append("export SANDBEAM_EXEC=").append(sequence).append(".\n");
    Map<String, String> special = new TreeMap<>();
    env.forEach(
        (name, value) -> {
          if (SPECIAL.contains(name) || name.startsWith("BASH_")) {
            special.put(name, value);
          } else {
            script.append("export ").append(name).append('=').append(quote(value)).append('\n');
          }
        });
    // Not every shell's exec takes "--": a program's name that begins with a dash goes through env.
    script.append("exec");
    if (!special.isEmpty() || argv.get(0).startsWith("-")) {
      script.append(" env --");
      special.forEach((name, value) -> script.append(' ').append(quote(name + "=" + value)));
    }
    argv.forEach(word -> script.append(' ').append(quote(word)));
    return script.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The script of our own shell code; its {@code $1…} are the arguments. */
  static byte[] code(Streams streams, String code, List<String> arguments) {
    StringBuilder script = new StringBuilder(256).append(streams.redirections());
    script.append("set --");
    arguments.forEach(word -> script.append(' ').append(quote(word)));
    // Messages of the tools are read by us.
    return script
        .append("\nexport LC_ALL=C\numask 022\n")
        .append(code)
        .append('\n')
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  /** One word for the shell, whatever it holds. */
  static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
