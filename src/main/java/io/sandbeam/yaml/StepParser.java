package io.sandbeam.yaml;

import io.sandbeam.yaml.Step.Body;
import io.sandbeam.yaml.Step.Outputs;
import io.sandbeam.yaml.Step.Reference;
import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Meaning;
import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the transforms of a file: which keys they have, what a chain implies. */
final class StepParser {
  static final String CHAIN = "chain";
  static final String COMPOSITE = "composite";

  private static final List<String> LEAF_KEYS =
      List.of("type", "name", "input", "output", "config", "windowing");
  private static final List<String> COMPOSITE_KEYS =
      List.of(
          "type",
          "name",
          "input",
          "output",
          "transforms",
          "source",
          "sink",
          "windowing",
          "extra_transforms");

  private StepParser() {}

  /** The value of the top-level {@code pipeline:}, a composite without a name. */
  static Step pipeline(YamlNode node) {
    if (node instanceof Sequence list) {
      return new Step(
          node.location(),
          COMPOSITE,
          Optional.empty(),
          Map.of(),
          Mapping.empty(node.location()),
          Optional.of(new Body(named(list.items()), new Outputs.Named(Map.of()))));
    }
    Mapping mapping = Keys.mapping("'pipeline'", node);
    YamlNode type = mapping.get("type");
    String kind = type == null ? COMPOSITE : Keys.text("'type'", type);
    if (!kind.equals(CHAIN) && !kind.equals(COMPOSITE)) {
      throw type.location()
          .error("the pipeline is of type 'chain' or 'composite', not " + NearestName.quoted(kind));
    }
    return composite(mapping, kind, inputs(mapping));
  }

  /** Reads one transform; {@code implied} are the inputs that a chain gives it. */
  private static Step step(YamlNode node, Optional<Map<String, List<Reference>>> implied) {
    Mapping mapping = Keys.mapping("each of 'transforms'", node);
    YamlNode type = mapping.get("type");
    if (type == null) {
      throw node.location().error("this transform has no 'type'");
    }
    if (implied.isPresent() && mapping.get("input") != null) {
      throw mapping
          .entries()
          .get("input")
          .key()
          .error(
              "this transform is part of a chain, where each reads the one before it, and has an 'input';"
                  + " use 'type: composite' for anything else");
    }
    Map<String, List<Reference>> inputs = implied.orElseGet(() -> inputs(mapping));
    String written = Keys.text("'type'", type);
    return written.equals(CHAIN) || written.equals(COMPOSITE)
        ? composite(mapping, written, inputs)
        : leaf(mapping, written, inputs);
  }

  private static Step leaf(Mapping mapping, String type, Map<String, List<Reference>> inputs) {
    refuseConfigOutside(mapping, type);
    Keys.check("transform " + type, mapping, LEAF_KEYS);
    refuseWindowing(mapping);
    if (mapping.get("output") != null) {
      throw mapping
          .entries()
          .get("output")
          .key()
          .error(
              "'output' belongs to a composite or chain; the outputs of "
                  + type
                  + " have fixed names");
    }
    YamlNode config = mapping.get("config");
    boolean nothing =
        config == null || (config instanceof Scalar scalar && scalar.meaning() == Meaning.NULL);
    return new Step(
        mapping.location(),
        type,
        name(mapping),
        inputs,
        nothing ? Mapping.empty(mapping.location()) : Keys.mapping("'config' of " + type, config),
        Optional.empty());
  }

  /** The commonest slip: a config key beside {@code config:} instead of inside it. */
  private static void refuseConfigOutside(Mapping mapping, String type) {
    mapping
        .entries()
        .forEach(
            (key, entry) -> {
              boolean belongsInside =
                  Set.of("path", "command", "elements", "fields", "keep").contains(key);
              if (belongsInside) {
                throw entry
                    .key()
                    .error(NearestName.quoted(key) + " belongs inside 'config:' of " + type);
              }
            });
  }

  private static void refuseWindowing(Mapping mapping) {
    if (mapping.get("windowing") != null) {
      throw mapping
          .entries()
          .get("windowing")
          .key()
          .error("'windowing' is not supported by this launcher; Beam YAML in Python runs it");
    }
  }

  private static Step composite(Mapping mapping, String type, Map<String, List<Reference>> inputs) {
    Keys.check("the " + type, mapping, COMPOSITE_KEYS);
    refuseWindowing(mapping);
    if (mapping.get("extra_transforms") != null) {
      throw mapping
          .entries()
          .get("extra_transforms")
          .key()
          .error(
              "'extra_transforms' is not supported; write 'type: composite' and name the inputs");
    }
    boolean isChain = type.equals(CHAIN);
    List<YamlNode> nodes = new ArrayList<>();
    YamlNode source = mapping.get("source");
    if (source != null) {
      nodes.add(source);
    }
    nodes.addAll(items(mapping.get("transforms")));
    YamlNode sink = mapping.get("sink");
    if (sink != null) {
      nodes.add(sink);
    }
    if (nodes.isEmpty()) {
      throw mapping.location().error("the " + type + " has no 'transforms'");
    }
    List<Step> steps = isChain ? chained(nodes, source != null ? Map.of() : inputs) : named(nodes);
    Outputs outputs = isChain ? chainOutputs(mapping, steps) : new Outputs.Named(outputs(mapping));
    return new Step(
        mapping.location(),
        type,
        name(mapping),
        inputs,
        Mapping.empty(mapping.location()),
        Optional.of(new Body(steps, outputs)));
  }

  private static List<YamlNode> items(YamlNode transforms) {
    if (transforms == null) {
      return List.of();
    }
    if (!(transforms instanceof Sequence list)) {
      throw transforms
          .location()
          .error("'transforms' must be a list (- type: …), not " + transforms.kind());
    }
    return list.items();
  }

  private static List<Step> named(List<YamlNode> nodes) {
    return nodes.stream().map(node -> step(node, Optional.empty())).toList();
  }

  private static List<Step> chained(List<YamlNode> nodes, Map<String, List<Reference>> outer) {
    List<Step> chain = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Map<String, List<Reference>> inputs = new LinkedHashMap<>();
      if (i > 0) {
        inputs.put("input", List.of(new Reference.Indexed(i - 1, Optional.empty())));
      } else {
        Location location = nodes.get(0).location();
        outer.keySet().forEach(key -> inputs.put(key, List.of(new Reference.Named(location, key))));
      }
      chain.add(step(nodes.get(i), Optional.of(inputs)));
    }
    return List.copyOf(chain);
  }

  private static Outputs chainOutputs(Mapping mapping, List<Step> steps) {
    int last = steps.size() - 1;
    if (mapping.get("output") == null) {
      return new Outputs.AllOf(last);
    }
    Map<String, Reference> named = new LinkedHashMap<>();
    Step end = steps.get(last);
    outputs(mapping)
        .forEach(
            (key, reference) -> {
              String text = ((Reference.Named) reference).text();
              boolean isWhole =
                  text.equals(end.type()) || end.name().filter(text::equals).isPresent();
              String output = text.substring(text.lastIndexOf('.') + 1);
              named.put(
                  key,
                  new Reference.Indexed(last, isWhole ? Optional.empty() : Optional.of(output)));
            });
    return new Outputs.Named(named);
  }

  private static Optional<String> name(Mapping mapping) {
    return Optional.ofNullable(mapping.get("name")).map(node -> Keys.text("'name'", node));
  }

  private static Map<String, Reference> outputs(Mapping mapping) {
    Map<String, Reference> outputs = new LinkedHashMap<>();
    YamlNode node = mapping.get("output");
    if (node instanceof Mapping named) {
      named
          .entries()
          .forEach(
              (key, entry) -> {
                if (!Keys.isBeamMark(key)) {
                  outputs.put(key, reference("output " + NearestName.quoted(key), entry.value()));
                }
              });
    } else if (node != null) {
      outputs.put("output", reference("'output'", node));
    }
    return outputs;
  }

  private static Map<String, List<Reference>> inputs(Mapping mapping) {
    Map<String, List<Reference>> inputs = new LinkedHashMap<>();
    YamlNode node = mapping.get("input");
    if (node instanceof Mapping named) {
      named
          .entries()
          .forEach(
              (key, entry) -> {
                if (!Keys.isBeamMark(key)) {
                  inputs.put(key, references("input " + NearestName.quoted(key), entry.value()));
                }
              });
    } else if (node != null) {
      inputs.put("input", references("'input'", node));
    }
    inputs.values().removeIf(List::isEmpty);
    return inputs;
  }

  private static List<Reference> references(String what, YamlNode node) {
    if (node instanceof Sequence list) {
      return list.items().stream().map(item -> reference("each of " + what, item)).toList();
    }
    return List.of(reference(what, node));
  }

  private static Reference reference(String what, YamlNode node) {
    return new Reference.Named(node.location(), Keys.text(what, node));
  }
}
