package io.sandbeam.service.local;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The settings of {@link LocalServiceProvider}, which documents them. */
record LocalSettings(
    Optional<Path> stateDirectory,
    String bwrap,
    ByteSize workspaceSize,
    ByteSize tmpSize,
    ByteSize sharedMemorySize,
    Optional<ByteSize> memory,
    int processes,
    int maxSandboxes,
    Duration terminatedRetention,
    int terminatedCount,
    ByteSize snapshotSize,
    Map<String, String> images) {

  static final String STATE_DIRECTORY = "state-dir";
  static final String BWRAP = "bwrap";
  static final String WORKSPACE_SIZE = "workspace-size";
  static final String TMP_SIZE = "tmp-size";
  static final String MEMORY = "memory";
  static final String PROCESSES = "processes";
  static final String MAX_SANDBOXES = "max-sandboxes";
  static final String TERMINATED_RETENTION = "terminated-retention";
  static final String TERMINATED_COUNT = "terminated-count";
  static final String SNAPSHOT_SIZE = "snapshot-size";

  private static final Set<String> KNOWN =
      Set.of(
          STATE_DIRECTORY,
          BWRAP,
          WORKSPACE_SIZE,
          TMP_SIZE,
          MEMORY,
          PROCESSES,
          MAX_SANDBOXES,
          TERMINATED_RETENTION,
          TERMINATED_COUNT,
          SNAPSHOT_SIZE);

  static LocalSettings of(ServiceConfig config) {
    if (!config.address().equals(LocalServiceProvider.SCHEME)) {
      throw new SandboxValidationException(
          "service",
          "Invalid service '"
              + config.address()
              + "': the local service takes no address, write 'local'");
    }
    Map<String, String> given = new TreeMap<>(config.settings());
    for (String name : given.keySet()) {
      if (!KNOWN.contains(name)) {
        throw new SandboxValidationException(
            name,
            "Unknown setting '" + name + "' of the local service: it has " + new TreeSet<>(KNOWN));
      }
    }
    return new LocalSettings(
        Optional.ofNullable(given.get(STATE_DIRECTORY)).map(Path::of),
        given.getOrDefault(BWRAP, "bwrap"),
        size(given, WORKSPACE_SIZE, ByteSize.ofGibibytes(1)),
        size(given, TMP_SIZE, ByteSize.ofMebibytes(256)),
        ByteSize.ofMebibytes(64),
        Optional.ofNullable(given.get(MEMORY)).map(ByteSize::parse),
        number(given, PROCESSES, 1024),
        number(given, MAX_SANDBOXES, 1000),
        duration(given, TERMINATED_RETENTION, Duration.ofMinutes(10)),
        number(given, TERMINATED_COUNT, 1000),
        size(given, SNAPSHOT_SIZE, ByteSize.ofGibibytes(10)),
        config.images());
  }

  private static ByteSize size(Map<String, String> given, String name, ByteSize otherwise) {
    return given.containsKey(name) ? ByteSize.parse(given.get(name)) : otherwise;
  }

  private static int number(Map<String, String> given, String name, int otherwise) {
    String text = given.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.trim());
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new SandboxValidationException(name, invalid(name, text, "a whole number above 0"));
    }
    throw new SandboxValidationException(name, invalid(name, text, "a whole number above 0"));
  }

  private static Duration duration(Map<String, String> given, String name, Duration otherwise) {
    String text = given.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      Duration value = Duration.parse(text.trim());
      if (!value.isNegative()) {
        return value;
      }
    } catch (DateTimeParseException e) {
      throw new SandboxValidationException(
          name, invalid(name, text, "an ISO-8601 duration such as PT10M"));
    }
    throw new SandboxValidationException(name, invalid(name, text, "not negative"));
  }

  private static String invalid(String name, String text, String rule) {
    return "Invalid setting " + name + " '" + text + "' of the local service: it must be " + rule;
  }
}
