package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Entry;
import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.schemas.transforms.Select;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/**
 * Beam YAML's mapping types, carried out by Beam's own Java transforms. What users may write
 * shortly ({@code keep: expression}, {@code fields: name}) is spelled out for them. Without {@code
 * language: java}, an expression is the name of a field and nothing more.
 */
abstract class MappingType implements TransformType {
  private static final String LANGUAGE = "language";
  private static final String JAVA = "java";
  private static final String EXPRESSION = "expression";

  private final TransformType provided;

  MappingType(TransformType provided) {
    this.provided = provided;
  }

  @Override
  public String name() {
    return provided.name();
  }

  @Override
  public Set<String> keys() {
    return provided.keys();
  }

  @Override
  public Arity arity() {
    return Arity.ONE;
  }

  @Override
  public PTransform<PCollectionRowTuple, PCollectionRowTuple> create(Config config) {
    Map<String, Entry> entries = new LinkedHashMap<>(config.mapping().entries());
    spellOut(config, entries);
    Mapping spelled = new Mapping(config.location(), entries);
    return provided.create(Config.of(name(), spelled, keys()));
  }

  /** Turns the short forms of a config into the long ones. */
  abstract void spellOut(Config config, Map<String, Entry> entries);

  static boolean isJava(Config config) {
    String language = config.text(LANGUAGE).orElse("generic");
    if (!language.equals(JAVA) && !language.equals("generic")) {
      throw config
          .required(LANGUAGE)
          .location()
          .error(
              config.type()
                  + " in "
                  + NearestName.quoted(language)
                  + " needs Beam's Python SDK; here, 'language: java' or none");
    }
    return language.equals(JAVA);
  }

  private static YamlNode expression(YamlNode node) {
    return node instanceof Scalar
        ? new Mapping(node.location(), Map.of(EXPRESSION, new Entry(node.location(), node)))
        : node;
  }

  private static void replace(Map<String, Entry> entries, String key, YamlNode value) {
    entries.computeIfPresent(key, (name, entry) -> new Entry(entry.key(), value));
  }

  private static String fieldName(String what, YamlNode expression) {
    YamlNode text = expression instanceof Mapping mapping ? mapping.get(EXPRESSION) : expression;
    if (text instanceof Scalar scalar) {
      return scalar.text();
    }
    throw expression
        .location()
        .error(what + " is a callable or a class, which needs 'language: java'");
  }

  private static void requireField(String what, YamlNode expression, Schema schema) {
    String name = fieldName(what, expression);
    if (!schema.hasField(name)) {
      throw expression
          .location()
          .error(
              what
                  + ": there is no field "
                  + NearestName.quoted(name)
                  + NearestName.hint(name, schema.getFieldNames())
                  + "; fields: "
                  + NearestName.list(schema.getFieldNames())
                  + " (an expression needs 'language: java')");
    }
  }

  /** {@code MapToFields}. */
  static final class MapToFields extends MappingType {
    MapToFields(TransformType provided) {
      super(provided);
    }

    @Override
    public PTransform<PCollectionRowTuple, PCollectionRowTuple> create(Config config) {
      PTransform<PCollectionRowTuple, PCollectionRowTuple> transform = super.create(config);
      Mapping fields = Keys.mapping(config.name("fields"), config.required("fields"));
      boolean isJava = isJava(config);
      return new Checked(
          new AsWritten(transform, List.copyOf(fields.entries().keySet())),
          schema -> {
            if (!isJava) {
              fields
                  .entries()
                  .forEach(
                      (name, entry) ->
                          requireField(NearestName.quoted(name), entry.value(), schema));
            }
          });
    }

    @Override
    void spellOut(Config config, Map<String, Entry> entries) {
      Map<String, Entry> fields = new LinkedHashMap<>();
      Keys.mapping(config.name("fields"), config.required("fields"))
          .entries()
          .forEach(
              (name, entry) -> fields.put(name, new Entry(entry.key(), expression(entry.value()))));
      replace(entries, "fields", new Mapping(config.required("fields").location(), fields));
    }
  }

  /** {@code Filter}. */
  static final class Filter extends MappingType {
    Filter(TransformType provided) {
      super(provided);
    }

    @Override
    public PTransform<PCollectionRowTuple, PCollectionRowTuple> create(Config config) {
      PTransform<PCollectionRowTuple, PCollectionRowTuple> transform = super.create(config);
      YamlNode keep = config.required("keep");
      boolean isJava = isJava(config);
      return new Checked(
          transform,
          schema -> {
            if (!isJava) {
              requireField("'keep'", keep, schema);
              requireTruth(keep, schema);
            }
          });
    }

    private static void requireTruth(YamlNode keep, Schema schema) {
      String name = fieldName("'keep'", keep);
      TypeName type = schema.getField(name).getType().getTypeName();
      if (type != TypeName.BOOLEAN) {
        throw keep.location()
            .error(
                "'keep' names the field "
                    + NearestName.quoted(name)
                    + ", which is "
                    + type
                    + ", not true or false");
      }
    }

    @Override
    void spellOut(Config config, Map<String, Entry> entries) {
      replace(entries, "keep", expression(config.required("keep")));
    }
  }

  /** {@code Explode}. */
  static final class Explode extends MappingType {
    Explode(TransformType provided) {
      super(provided);
    }

    @Override
    void spellOut(Config config, Map<String, Entry> entries) {
      YamlNode fields = config.required("fields");
      if (fields instanceof Scalar) {
        replace(entries, "fields", new Sequence(fields.location(), List.of(fields)));
      }
      boolean isMany = fields instanceof Sequence list && list.items().size() > 1;
      if (isMany && config.node("cross_product").isEmpty()) {
        throw fields
            .location()
            .error("Explode of several fields needs 'cross_product: true' or 'false'");
      }
    }
  }

  /** Beam's mapping forgets the order of its fields; people read them in the order they wrote. */
  private static final class AsWritten
      extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
    private final PTransform<PCollectionRowTuple, PCollectionRowTuple> transform;
    private final List<String> written;

    AsWritten(
        PTransform<PCollectionRowTuple, PCollectionRowTuple> transform, List<String> written) {
      this.transform = transform;
      this.written = written;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      PCollectionRowTuple mapped = transform.expand(input);
      PCollectionRowTuple ordered = PCollectionRowTuple.empty(input.getPipeline());
      for (Map.Entry<String, PCollection<Row>> output : mapped.getAll().entrySet()) {
        ordered = ordered.and(output.getKey(), inOrder(output.getKey(), output.getValue()));
      }
      return ordered;
    }

    private PCollection<Row> inOrder(String name, PCollection<Row> rows) {
      List<String> there = rows.getSchema().getFieldNames();
      List<String> wanted = new ArrayList<>(there);
      wanted.removeAll(written);
      wanted.addAll(written);
      return there.equals(wanted) || !there.containsAll(written)
          ? rows
          : rows.apply("Order " + name, Select.fieldNames(wanted.toArray(String[]::new)));
    }
  }

  /** A transform whose config is checked against the fields of its input. */
  private static final class Checked extends PTransform<PCollectionRowTuple, PCollectionRowTuple> {
    private final PTransform<PCollectionRowTuple, PCollectionRowTuple> transform;
    private final transient java.util.function.Consumer<Schema> check;

    Checked(
        PTransform<PCollectionRowTuple, PCollectionRowTuple> transform,
        java.util.function.Consumer<Schema> check) {
      this.transform = transform;
      this.check = check;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      check.accept(input.getSinglePCollection().getSchema());
      return transform.expand(input);
    }
  }
}
