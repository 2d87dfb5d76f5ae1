package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An entry of {@code providers:}. Those of jars name schema transforms by identifier; they work
 * when the jar is on the class path. Those of other languages are accepted, and refused where a
 * step uses them, because nothing but Java runs here.
 *
 * @param kind as Beam YAML names it
 * @param transforms type → identifier
 */
record DeclaredProvider(String kind, Map<String, String> transforms) {
  private static final List<String> IN_JAVA = List.of("javaJar", "mavenJar", "beamJar");
  private static final List<String> ELSEWHERE =
      List.of("python", "pythonPackage", "yaml", "renaming", "remote");

  /** Reads the top-level {@code providers:}: every declared type, with its provider. */
  static Map<String, DeclaredProvider> read(YamlNode node) {
    Map<String, DeclaredProvider> declared = new LinkedHashMap<>();
    if (node == null) {
      return declared;
    }
    if (!(node instanceof Sequence list)) {
      throw node.location().error("'providers' must be a list, not " + node.kind());
    }
    for (YamlNode item : list.items()) {
      Mapping mapping = Keys.mapping("each of 'providers'", item);
      if (mapping.get("include") != null) {
        throw mapping
            .entries()
            .get("include")
            .key()
            .error("'include' is not supported; write the providers into this file");
      }
      Keys.check("a provider", mapping, List.of("type", "config", "transforms"));
      DeclaredProvider provider = one(mapping);
      provider.transforms().keySet().forEach(type -> declared.put(type, provider));
    }
    return declared;
  }

  private static DeclaredProvider one(Mapping mapping) {
    YamlNode type = mapping.get("type");
    if (type == null) {
      throw mapping.location().error("this provider has no 'type'");
    }
    String kind = Keys.text("'type' of a provider", type);
    if (!IN_JAVA.contains(kind) && !ELSEWHERE.contains(kind)) {
      List<String> known = new java.util.ArrayList<>(IN_JAVA);
      known.addAll(ELSEWHERE);
      throw type.location()
          .error(
              "unknown provider type "
                  + NearestName.quoted(kind)
                  + NearestName.hint(kind, known)
                  + "; Beam YAML has: "
                  + NearestName.list(known));
    }
    Map<String, String> transforms = new LinkedHashMap<>();
    YamlNode named = mapping.get("transforms");
    if (named != null) {
      Keys.mapping("'transforms' of a provider", named)
          .entries()
          .forEach(
              (name, entry) ->
                  transforms.put(
                      name,
                      IN_JAVA.contains(kind)
                          ? Keys.text(
                              "the identifier of " + NearestName.quoted(name), entry.value())
                          : ""));
    }
    return new DeclaredProvider(kind, transforms);
  }

  TransformType transform(String type, Location location, SchemaTransforms schemaTransforms) {
    if (!IN_JAVA.contains(kind)) {
      throw location.error(
          "type "
              + NearestName.quoted(type)
              + " comes from a provider of type "
              + NearestName.quoted(kind)
              + ", which needs Beam's Python SDK; providers of type "
              + NearestName.list(IN_JAVA)
              + " run here, when their jar is on the class path");
    }
    return schemaTransforms.named(type, transforms.get(type), location);
  }
}
