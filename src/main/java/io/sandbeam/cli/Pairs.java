package io.sandbeam.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options of the form {@code --option name=value}, repeatable. */
final class Pairs {
  private Pairs() {}

  static Map<String, String> of(CommandSpec spec, String option, List<String> given) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : given) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid " + option + " '" + pair + "': write " + option + " NAME=VALUE");
      }
      pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return pairs;
  }
}
