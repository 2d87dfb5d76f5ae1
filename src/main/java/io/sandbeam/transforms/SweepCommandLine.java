package io.sandbeam.transforms;

import io.sandbeam.service.ServiceConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The command that sweeps a job from any shell: it names the place where the sandboxes are, since a
 * sweep of another place would prove nothing.
 */
final class SweepCommandLine {
  private static final String STATE_DIRECTORY = "state-dir";

  /** What a shell takes as it is, wherever it stands in a word. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private SweepCommandLine() {}

  /**
   * The command, each argument quoted where a shell would take it apart.
   *
   * @param stateDirectory where this process, by its environment, records local sandboxes
   */
  static String of(String jobId, ServiceConfig service, Optional<String> stateDirectory) {
    StringBuilder command = new StringBuilder("scripts/sweep --job=").append(jobId);
    if (!service.address().equals("local")) {
      command.append(' ').append(quoted("--service=" + service.address()));
    }
    settings(service, stateDirectory)
        .forEach(
            (name, value) ->
                command.append(' ').append(quoted("--service-setting=" + name + "=" + value)));
    return command.toString();
  }

  /** With the folder of records, whoever chose it; absolute, since a shell may be elsewhere. */
  private static Map<String, String> settings(
      ServiceConfig service, Optional<String> stateDirectory) {
    Map<String, String> settings = new TreeMap<>(service.settings());
    if (service.scheme().equals("local")) {
      stateDirectory
          .filter(folder -> !folder.isBlank())
          .ifPresent(folder -> settings.putIfAbsent(STATE_DIRECTORY, folder));
      settings.computeIfPresent(
          STATE_DIRECTORY, (name, folder) -> Path.of(folder).toAbsolutePath().toString());
    }
    return settings;
  }

  private static String quoted(String argument) {
    return PLAIN.matcher(argument).matches()
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
