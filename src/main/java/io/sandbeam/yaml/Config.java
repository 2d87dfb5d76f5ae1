package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Meaning;
import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The {@code config:} of one step: every value is read with its type, every key is known. */
final class Config {
  static final String ERROR_HANDLING = "error_handling";

  private final String type;
  private final Mapping mapping;

  private Config(String type, Mapping mapping) {
    this.type = type;
    this.mapping = mapping;
  }

  /** The config of a step, all of its keys among the known ones. */
  static Config of(String type, Mapping mapping, Set<String> known) {
    Keys.check("the config of " + type, mapping, known);
    return new Config(type, mapping);
  }

  String type() {
    return type;
  }

  Mapping mapping() {
    return mapping;
  }

  Location location() {
    return mapping.location();
  }

  /** The node of a key; empty when the key is absent or has no value. */
  Optional<YamlNode> node(String key) {
    YamlNode node = mapping.get(key);
    boolean nothing = node instanceof Scalar scalar && scalar.meaning() == Meaning.NULL;
    return nothing ? Optional.empty() : Optional.ofNullable(node);
  }

  YamlNode required(String key) {
    return node(key)
        .orElseThrow(
            () -> location().error(type + " needs " + NearestName.quoted(key) + " in its config"));
  }

  Optional<String> text(String key) {
    return node(key).map(node -> Keys.text(name(key), node));
  }

  String requiredText(String key) {
    return Keys.text(name(key), required(key));
  }

  boolean flag(String key, boolean otherwise) {
    return node(key).map(node -> flag(name(key), node)).orElse(otherwise);
  }

  int integer(String key, int otherwise, int least, int most) {
    Optional<YamlNode> node = node(key);
    if (node.isEmpty()) {
      return otherwise;
    }
    String written = Keys.text(name(key), node.get());
    try {
      int value = Integer.parseInt(written);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw notInRange(key, node.get(), least, most, e);
    }
    throw notInRange(key, node.get(), least, most, null);
  }

  private PipelineFileException notInRange(
      String key, YamlNode node, int least, int most, Throwable cause) {
    return node.location()
        .error(
            name(key)
                + " must be a whole number from "
                + least
                + " to "
                + most
                + ", not "
                + node.kind(),
            cause);
  }

  /** A list of texts; one text counts as a list of one, as Beam has it for field names. */
  List<String> texts(String key) {
    return node(key).stream()
        .flatMap(node -> node instanceof Sequence list ? list.items().stream() : Stream.of(node))
        .map(item -> Keys.text("each of " + name(key), item))
        .toList();
  }

  /** The name of the output for rows that failed, when the step declares one. */
  Optional<String> errorOutput() {
    return errorOutput(mapping);
  }

  static Optional<String> errorOutput(Mapping config) {
    YamlNode node = config.get(ERROR_HANDLING);
    if (node == null) {
      return Optional.empty();
    }
    Mapping handling = Keys.mapping(ERROR_HANDLING, node);
    YamlNode output = handling.get("output");
    if (output == null) {
      throw node.location()
          .error("error_handling needs 'output', the name of the output for failed rows");
    }
    return Optional.of(Keys.text("error_handling.output", output));
  }

  /** What messages call the value of a key. */
  String name(String key) {
    return NearestName.quoted(key) + " of " + type;
  }

  static boolean flag(String what, YamlNode node) {
    if (node instanceof Scalar scalar && scalar.meaning() == Meaning.BOOLEAN) {
      return List.of("true", "yes", "on")
          .contains(scalar.text().toLowerCase(java.util.Locale.ROOT));
    }
    throw node.location().error(what + " must be true or false, not " + node.kind());
  }
}
