package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Mapping;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One transform of a file, as written, with what is implicit in a chain spelled out.
 *
 * @param location of the transform
 * @param type as written
 * @param name as written, if it has one
 * @param inputs by their names; several references of one name are flattened
 * @param config as written; empty for composites
 * @param body of a composite
 */
record Step(
    Location location,
    String type,
    Optional<String> name,
    Map<String, List<Reference>> inputs,
    Mapping config,
    Optional<Body> body) {

  /** The inside of a composite: its steps, and the outputs that it shows outside. */
  record Body(List<Step> steps, Outputs outputs) {}

  /** What a composite shows outside. */
  sealed interface Outputs {
    /** Names, and the inner outputs they stand for. */
    record Named(Map<String, Reference> references) implements Outputs {}

    /** Everything that one inner step puts out: the end of a chain. */
    record AllOf(int step) implements Outputs {}
  }

  /** Where an input comes from. */
  sealed interface Reference {
    /** A step or an input of the surrounding composite, by name. */
    record Named(Location location, String text) implements Reference {}

    /** The step at an index of the same body: the previous one of a chain. */
    record Indexed(int step, Optional<String> output) implements Reference {}
  }

  /** What people call it: the name, or else the type. */
  String label() {
    return name.orElse(type);
  }
}
