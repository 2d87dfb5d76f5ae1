package io.sandbeam.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.transforms.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A round's pipeline, as a file, and what it wrote. */
final class JobFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Each command leaves a process behind, which is to end with its sandbox. It has the marker in
   * its environment, which it inherits, and not in its arguments.
   */
  private static final String PIPELINE =
      """
      pipeline:
        transforms:
          - type: Create
            name: Elements
            config: {elements: [%s]}
          - type: SandboxExec
            name: Work
            input: Elements
            config:
              id: "{id}"
              command: [sh, -c, "sleep 0.3; sleep 60 & exit 0", "{id}"]
              env: {CHAOS: %s}
              isolation: %s
              concurrency: 4
              timeout: 30s
              error_handling: {output: failures}
          - type: WriteToJson
            name: Results
            input: Work
            config: {path: "out/%s/results"}
          - type: WriteToJson
            name: Failures
            input: Work.failures
            config: {path: "out/%s/failures"}
      """;

  private final Path folder;
  private final Plan plan;
  private final List<String> elements;

  JobFile(Path folder, Plan plan) {
    this.folder = folder;
    this.plan = plan;
    // About the same time everywhere: fresh sandboxes start slowly, and containers more so.
    boolean fresh = plan.isolation() == Isolation.ELEMENT;
    int count = !fresh ? 60 : plan.place() == Place.DOCKER ? 24 : 40;
    this.elements = IntStream.range(0, count).mapToObj(i -> "e" + i).toList();
  }

  /** Writes it; answers its name. */
  String write() throws IOException {
    String text =
        PIPELINE.formatted(
            elements.stream().map(id -> "{id: " + id + "}").collect(Collectors.joining(", ")),
            plan.marker(),
            plan.isolation().name().toLowerCase(Locale.ROOT),
            plan.job(),
            plan.job());
    String name = plan.job() + ".yaml";
    Files.writeString(folder.resolve(name), text);
    return name;
  }

  int size() {
    return elements.size();
  }

  /** Elements that are neither among the results nor among the failures. */
  Set<String> lost() throws IOException {
    Set<String> lost = new TreeSet<>(elements);
    lost.removeAll(ids("results"));
    lost.removeAll(ids("failures"));
    return lost;
  }

  /** Elements whose command could not be run. */
  Set<String> notRun() throws IOException {
    return ids("failures");
  }

  private Set<String> ids(String output) throws IOException {
    Path out = folder.resolve("out").resolve(plan.job());
    if (!Files.isDirectory(out)) {
      return Set.of();
    }
    Set<String> ids = new TreeSet<>();
    try (Stream<Path> files = Files.list(out)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(output)) {
          for (String line : Files.readAllLines(file)) {
            ids.add(id(line));
          }
        }
      }
    }
    return ids;
  }

  private static String id(String line) throws JsonProcessingException {
    return JSON.readTree(line).at("/element/id").asText();
  }
}
