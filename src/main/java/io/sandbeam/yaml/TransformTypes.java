package io.sandbeam.yaml;

import io.sandbeam.yaml.TransformType.Arity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The types a file may name: those of this table, and any schema transform by its identifier. */
final class TransformTypes {
  private static final String IDENTIFIER = "beam:";

  private static final Map<String, TransformType> BUILT_IN = builtIn();

  /** Names of Beam YAML (and Sandbeam) for schema transforms that other jars or packages bring. */
  private static final Map<String, String> BY_IDENTIFIER =
      Map.of(
          "SandboxExec", "beam:schematransform:org:sandbeam:exec:v1",
          "SandboxSweep", "beam:schematransform:org:sandbeam:sweep:v1");

  private static final String EXPLODE = "beam:schematransform:org.apache.beam:yaml:explode:v1";
  private static final String FILTER = "beam:schematransform:org.apache.beam:yaml:filter-java:v1";
  private static final String MAP_TO_FIELDS =
      "beam:schematransform:org.apache.beam:yaml:map_to_fields-java:v1";

  private final SchemaTransforms schemaTransforms;
  private final Map<String, DeclaredProvider> declared;

  TransformTypes(SchemaTransforms schemaTransforms, Map<String, DeclaredProvider> declared) {
    this.schemaTransforms = schemaTransforms;
    this.declared = declared;
  }

  /** The type of a step, or an error with the nearest name there is. */
  TransformType find(Step step) {
    String type = step.type();
    TransformType builtIn = BUILT_IN.get(type);
    if (declared.containsKey(type)) {
      return declared.get(type).transform(type, step.location(), schemaTransforms);
    } else if (builtIn != null) {
      return builtIn;
    } else if (BY_IDENTIFIER.containsKey(type)) {
      return schemaTransforms.named(type, BY_IDENTIFIER.get(type), step.location());
    }
    return switch (type) {
      case "Explode" ->
          new MappingType.Explode(schemaTransforms.named(type, EXPLODE, step.location()));
      case "Filter" ->
          new MappingType.Filter(schemaTransforms.named(type, FILTER, step.location()));
      case "MapToFields" ->
          new MappingType.MapToFields(schemaTransforms.named(type, MAP_TO_FIELDS, step.location()));
      default -> {
        if (type.startsWith(IDENTIFIER)) {
          yield schemaTransforms.named(type, type, step.location());
        }
        throw unknown(step);
      }
    };
  }

  private PipelineFileException unknown(Step step) {
    TreeSet<String> known = new TreeSet<>(BUILT_IN.keySet());
    known.addAll(BY_IDENTIFIER.keySet());
    known.addAll(
        List.of("Explode", "Filter", "MapToFields", StepParser.CHAIN, StepParser.COMPOSITE));
    known.addAll(declared.keySet());
    return step.location()
        .error(
            "unknown type "
                + NearestName.quoted(step.type())
                + NearestName.hint(step.type(), known)
                + "; known types: "
                + NearestName.list(known)
                + ", and any schema transform on the class path by its identifier (beam:schematransform:…)");
  }

  private static Map<String, TransformType> builtIn() {
    Map<String, TransformType> types = new LinkedHashMap<>();
    List.of(
            BuiltIn.of("AssertEqual", Arity.ONE, AssertEqual.KEYS, AssertEqual::new),
            BuiltIn.of("Create", Arity.NONE, CreateRows.KEYS, CreateRows::new),
            BuiltIn.of("Flatten", Arity.SEVERAL, FlattenRows.KEYS, FlattenRows::new),
            BuiltIn.of("LogForTesting", Arity.ONE, LogRows.KEYS, LogRows::new),
            BuiltIn.of("MatchFiles", Arity.NONE, MatchFiles.KEYS, MatchFiles::new),
            BuiltIn.of("ReadFiles", Arity.NONE, ReadFiles.KEYS, ReadFiles::new),
            BuiltIn.of("ReadFromCsv", Arity.NONE, ReadFromCsv.KEYS, ReadFromCsv::new),
            BuiltIn.of("ReadFromJson", Arity.NONE, ReadFromJson.KEYS, ReadFromJson::new),
            BuiltIn.of("ReadFromText", Arity.NONE, ReadFromText.KEYS, ReadFromText::new),
            BuiltIn.of("WriteToCsv", Arity.ONE, WriteToCsv.KEYS, WriteToCsv::new),
            BuiltIn.of("WriteToJson", Arity.ONE, WriteToJson.KEYS, WriteToJson::new),
            BuiltIn.of("WriteToText", Arity.ONE, WriteToText.KEYS, WriteToText::new))
        .forEach(type -> types.put(type.name(), type));
    return Map.copyOf(types);
  }
}
