package io.sandbeam.cli;

import io.sandbeam.transforms.SandboxOptions;
import java.io.File;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.options.FileStagingOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/** Pipeline options from a file and from the command line, which wins. */
final class BeamOptions {
  /** Set by {@code scripts/sandbeam}; a path as in a class path. */
  private static final String FILES_TO_STAGE = "sandbeam.filesToStage";

  private static final Pattern UNKNOWN =
      Pattern.compile(".*missing a property named '([^']*)'\\.?(.*)", Pattern.DOTALL);

  private static final Pattern NOT_OF_TYPE =
      Pattern.compile(
          "Cannot deserialize value of type `[^`]*?(\\w+)` from String \"(.*?)\":.*",
          Pattern.DOTALL);

  private BeamOptions() {}

  /**
   * Options as Beam reads them.
   *
   * @throws IllegalArgumentException with the option in question, and the nearest that exists
   */
  static SandboxOptions parse(String file, List<String> fromFile, List<String> typed) {
    Set<String> names = new HashSet<>();
    typed.forEach(argument -> names.add(name(argument)));
    List<String> all = new ArrayList<>(typed);
    fromFile.stream().filter(argument -> !names.contains(name(argument))).forEach(all::add);
    SandboxOptions options;
    try {
      options =
          PipelineOptionsFactory.fromArgs(all.toArray(new String[0]))
              .withValidation()
              .as(SandboxOptions.class);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(message(e, all), e);
    }
    if (all.stream().noneMatch(argument -> name(argument).equals("--jobName"))) {
      nameAfter(file, options);
    }
    stage(options);
    return options;
  }

  /**
   * What workers elsewhere get to load: as the script that built it says, not all there is here.
   */
  private static void stage(SandboxOptions options) {
    String files = System.getProperty(FILES_TO_STAGE);
    FileStagingOptions staging = options.as(FileStagingOptions.class);
    if (files != null && staging.getFilesToStage() == null) {
      staging.setFilesToStage(List.of(files.split(File.pathSeparator, -1)));
    }
  }

  /** The job is named after its file, and one run is told from the next by the job's id. */
  private static void nameAfter(String file, SandboxOptions options) {
    String base = file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.[^.]*$", "");
    String plain = base.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String trimmed = plain.replaceAll("^[^a-z]+|-+$", "");
    options.setJobName(trimmed.isEmpty() ? "pipeline" : trimmed);
    options.setJobName(SandboxOptions.jobId(options));
  }

  private static String name(String argument) {
    int equals = argument.indexOf('=');
    return equals < 0 ? argument : argument.substring(0, equals);
  }

  private static String message(IllegalArgumentException e, List<String> arguments) {
    String message = String.valueOf(e.getMessage());
    Matcher notOfType = NOT_OF_TYPE.matcher(message);
    if (notOfType.matches()) {
      String value = notOfType.group(2);
      String option =
          arguments.stream()
              .filter(argument -> argument.endsWith("=" + value))
              .findFirst()
              .orElse(value);
      return "invalid option " + option + ": its value must be of type " + notOfType.group(1);
    }
    Matcher unknown = UNKNOWN.matcher(message);
    if (unknown.matches()) {
      String hint = unknown.group(2).strip();
      return "unknown option --"
          + unknown.group(1)
          + (hint.isEmpty()
              ? ""
              : "; " + hint.substring(0, 1).toLowerCase(Locale.ROOT) + hint.substring(1));
    }
    return message;
  }
}
