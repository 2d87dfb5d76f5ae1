package io.sandbeam.transforms;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.values.PCollection;

/**
 * The full names of the steps of a pipeline that is being built. Beam tells a transform's name only
 * to what the transform is made of, so it is read off a collection that a first inner step has
 * made.
 */
final class StepName {
  private static final Map<Pipeline, Set<String>> KNOWN =
      Collections.synchronizedMap(new WeakHashMap<>());

  private StepName() {}

  /**
   * The name of the transform that is being expanded.
   *
   * @param made by an inner step of this name
   */
  static String of(PCollection<?> made, String innerStep) {
    String name = made.getName();
    int end =
        Math.max(name.lastIndexOf("/" + innerStep + "/"), name.lastIndexOf("/" + innerStep + "."));
    if (end <= 0) {
      throw new IllegalStateException(
          "Beam named a collection " + name + ", which does not tell its transform's name");
    }
    String step = name.substring(0, end);
    KNOWN
        .computeIfAbsent(
            made.getPipeline(), pipeline -> Collections.synchronizedSet(new TreeSet<>()))
        .add(step);
    return step;
  }

  /**
   * The full name of a step that was applied before, found by it or by its end.
   *
   * @throws IllegalArgumentException when there is none, or more than one
   */
  static String find(Pipeline pipeline, String written) {
    Set<String> known = Set.copyOf(KNOWN.getOrDefault(pipeline, Set.of()));
    if (known.contains(written)) {
      return written;
    }
    List<String> ends =
        known.stream().filter(step -> step.endsWith("/" + written)).sorted().toList();
    if (ends.size() == 1) {
      return ends.get(0);
    }
    throw new IllegalArgumentException(
        "Invalid step '"
            + written
            + "': "
            + (ends.isEmpty() ? "no SandboxExec before it has this name" : "several have it")
            + NearestName.of(written, known).map(near -> "; did you mean " + near + "?").orElse("")
            + ". The steps are: "
            + String.join(", ", new TreeSet<>(known)));
  }
}
