package io.sandbeam.transforms;

import io.sandbeam.service.SandboxSpec;
import java.io.Serializable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link CommandTemplate} bound to the input's schema: makes one element's plan. */
final class RowPlanner implements Serializable {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(RowPlanner.class);

  private final @Nullable List<Interpolation> command;
  private final @Nullable Interpolation id;
  private final @Nullable Interpolation stdin;
  private final Map<String, Interpolation> env;
  private final Map<Interpolation, Interpolation> files;
  private final Map<Interpolation, Interpolation> outputs;
  private final boolean hasId;

  private RowPlanner(CommandTemplate template, Schema schema, Compiler compiler) {
    command = template.command() == null ? null : compiler.all(template.command());
    id = template.id() == null ? null : compiler.one(template.id());
    stdin = template.stdin() == null ? null : compiler.one(template.stdin());
    Map<String, Interpolation> variables = new LinkedHashMap<>();
    template.env().forEach((name, value) -> variables.put(name, compiler.one(value)));
    env = variables;
    files = compiler.map(template.files());
    outputs = compiler.map(template.outputs());
    hasId =
        schema.hasField("id") && !schema.getField("id").getType().getTypeName().isCompositeType();
  }

  /**
   * Binds a template to a schema; words in braces that name no field are reported once, here.
   *
   * @throws IllegalArgumentException when the input cannot make commands
   */
  static RowPlanner bind(CommandTemplate template, Schema schema) {
    if (template.command() == null) {
      CommandRows.check(schema);
    }
    Compiler compiler = new Compiler(template.interpolate(), schema);
    RowPlanner planner = new RowPlanner(template, schema, compiler);
    compiler.report();
    return planner;
  }

  /**
   * The plan of one element.
   *
   * @throws InvalidElementException when it makes no command
   */
  CommandPlan plan(Row row) {
    Command made = command == null ? CommandRows.read(row) : Command.of(texts(command, row));
    if (id != null && made.getId() == null) {
      made = made.withId(id.apply(row));
    } else if (command != null && hasId && row.getValue("id") != null) {
      made = made.withId(FieldText.text(row, List.of("id")));
    }
    if (stdin != null && made.getStdin().length == 0) {
      made = made.withStdin(stdin.applyBytes(row));
    }
    if (!env.isEmpty()) {
      Map<String, String> variables = new LinkedHashMap<>();
      env.forEach((name, value) -> variables.put(name, value.apply(row)));
      variables.putAll(made.getEnv());
      made = made.withEnv(variables);
    }
    for (Map.Entry<Interpolation, Interpolation> file : files.entrySet()) {
      String path = file.getKey().applyPath(row);
      if (!made.getFiles().containsKey(path)) {
        made = made.withFile(path, file.getValue().applyBytes(row));
      }
    }
    Map<String, String> copies = new LinkedHashMap<>();
    outputs.forEach((path, to) -> copies.put(path.applyPath(row), to.applyPath(row)));
    return new CommandPlan(made, copies);
  }

  /** What an element's command is called, when the element tells it; for its failure. */
  @Nullable String idOf(Row row) {
    try {
      boolean tellsItself = hasId && row.getValue("id") != null;
      if (id != null && (command != null || !tellsItself)) {
        return id.apply(row);
      }
      return tellsItself ? FieldText.text(row, List.of("id")) : null;
    } catch (InvalidElementException e) {
      return null; // the failure has the whole element
    }
  }

  /** An absolute path in the sandbox; a relative one is under the workspace. */
  static String inSandbox(String path) {
    return path.startsWith("/") ? path : SandboxSpec.WORKSPACE + "/" + path;
  }

  private static List<String> texts(List<Interpolation> words, Row row) {
    List<String> texts = words.stream().map(word -> word.apply(row)).collect(Collectors.toList());
    if (texts.get(0).isEmpty()) {
      throw new InvalidElementException("The program's name is empty");
    }
    return texts;
  }

  /** Compiles the template's texts and collects what names no field. */
  private static final class Compiler {
    private final Interpolate interpolate;
    private final Schema schema;
    private final Set<String> unknown = new TreeSet<>();

    Compiler(Interpolate interpolate, Schema schema) {
      this.interpolate = interpolate;
      this.schema = schema;
    }

    Interpolation one(String text) {
      if (interpolate == Interpolate.NO) {
        return Interpolation.literal(text);
      }
      Interpolation compiled = Interpolation.compile(text, schema);
      unknown.addAll(compiled.unknown());
      return compiled;
    }

    List<Interpolation> all(Collection<String> texts) {
      return texts.stream().map(this::one).collect(Collectors.toUnmodifiableList());
    }

    Map<Interpolation, Interpolation> map(Map<String, String> texts) {
      Map<Interpolation, Interpolation> compiled = new LinkedHashMap<>();
      texts.forEach((path, text) -> compiled.put(one(path), one(text)));
      return compiled;
    }

    void report() {
      if (!unknown.isEmpty()) {
        LOG.warn(unknownMessage(unknown, schema));
      }
    }
  }

  /** What is said of words in braces that name no field. */
  static String unknownMessage(Collection<String> unknown, Schema schema) {
    String words =
        unknown.stream()
            .map(
                word ->
                    "{"
                        + word
                        + "}"
                        + NearestName.of(word, schema.getFieldNames())
                            .map(near -> " (did you mean {" + near + "}?)")
                            .orElse(""))
            .collect(Collectors.joining(", "));
    return words
        + " names no field of the input and stays as it is; the fields are: "
        + String.join(", ", schema.getFieldNames());
  }
}
