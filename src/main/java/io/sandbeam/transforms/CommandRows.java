package io.sandbeam.transforms;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.values.Row;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * Rows that are commands themselves: the fields of {@link Command}, all but {@code command}
 * optional.
 */
final class CommandRows {
  private CommandRows() {}

  /**
   * Checks the fields that have a meaning.
   *
   * @throws IllegalArgumentException with the field, its type and what it must be
   */
  static void check(Schema schema) {
    if (!schema.hasField("command")) {
      throw new IllegalArgumentException(
          "The input has no field 'command' and the step names no command: set one, such as [echo, \"{"
              + (schema.getFieldCount() == 0 ? "field" : schema.getField(0).getName())
              + "}\"]. The fields are: "
              + String.join(", ", schema.getFieldNames()));
    }
    require(schema, "command", "a list of strings", CommandRows::isStrings);
    require(schema, "stdin", "a string or bytes", CommandRows::isContent);
    require(
        schema, "timeout", "a string such as 10s", type -> type.getTypeName() == TypeName.STRING);
    require(
        schema,
        "env",
        "a map of strings, or a row of strings",
        type -> isMapOf(type, CommandRows::isString));
    require(
        schema,
        "files",
        "a map, or a row, of path to string or bytes",
        type -> isMapOf(type, CommandRows::isContent));
  }

  /**
   * Reads a command.
   *
   * @throws InvalidElementException when a field holds what cannot be
   */
  static Command read(Row row) {
    List<String> words = strings(row.getArray("command"));
    if (words.isEmpty() || words.get(0).isEmpty()) {
      throw new InvalidElementException("Field 'command' is empty: it needs a program");
    }
    Command command = Command.of(words);
    if (value(row, "id") != null) {
      command = command.withId(FieldText.text(row, List.of("id")));
    }
    if (value(row, "stdin") != null) {
      command = command.withStdin(FieldText.bytes(row, List.of("stdin")));
    }
    if (value(row, "timeout") instanceof String timeout) {
      try {
        command = command.withTimeout(Durations.parse("timeout", timeout));
      } catch (IllegalArgumentException e) {
        throw new InvalidElementException(e.getMessage());
      }
    }
    Map<String, String> env = new LinkedHashMap<>();
    entries(row, "env").forEach((name, value) -> env.put(name, String.valueOf(value)));
    command = env.isEmpty() ? command : command.withEnv(env);
    for (Map.Entry<String, Object> file : entries(row, "files").entrySet()) {
      command = command.withFile(file.getKey(), content(file.getValue()));
    }
    return command;
  }

  private static List<String> strings(@Nullable Iterable<?> values) {
    if (values == null) {
      throw new InvalidElementException("Field 'command' is null");
    }
    List<Object> words = new ArrayList<>();
    values.forEach(words::add);
    if (words.contains(null)) {
      throw new InvalidElementException("Field 'command' holds a null word");
    }
    return words.stream().map(String::valueOf).collect(Collectors.toList());
  }

  private static byte[] content(Object value) {
    return value instanceof byte[] bytes
        ? bytes
        : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
  }

  /** A map's entries, or a row's fields, nulls left out. */
  private static Map<String, Object> entries(Row row, String field) {
    Map<String, Object> entries = new LinkedHashMap<>();
    Object value = value(row, field);
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, content) -> put(entries, String.valueOf(name), content));
    } else if (value instanceof Row nested) {
      nested.getSchema().getFieldNames().forEach(name -> put(entries, name, nested.getValue(name)));
    }
    return entries;
  }

  private static void put(Map<String, Object> entries, String name, @Nullable Object value) {
    if (value != null) {
      entries.put(name, value);
    }
  }

  private static @Nullable Object value(Row row, String field) {
    return row.getSchema().hasField(field) ? row.getValue(field) : null;
  }

  private interface TypeRule {
    boolean allows(FieldType type);
  }

  private static void require(Schema schema, String field, String rule, TypeRule allowed) {
    if (schema.hasField(field) && !allowed.allows(schema.getField(field).getType())) {
      throw new IllegalArgumentException(
          "Field '"
              + field
              + "' of the input is "
              + schema.getField(field).getType().getTypeName()
              + ": it must be "
              + rule
              + ". A step with a command of its own takes rows of any kind");
    }
  }

  private static boolean isString(FieldType type) {
    return type.getTypeName() == TypeName.STRING;
  }

  private static boolean isContent(FieldType type) {
    return isString(type) || type.getTypeName() == TypeName.BYTES;
  }

  private static boolean isStrings(FieldType type) {
    return type.getTypeName().isCollectionType() && isString(type.getCollectionElementType());
  }

  private static boolean isMapOf(FieldType type, TypeRule values) {
    return switch (type.getTypeName()) {
      case MAP -> isString(type.getMapKeyType()) && values.allows(type.getMapValueType());
      case ROW ->
          type.getRowSchema().getFields().stream()
              .allMatch(field -> values.allows(field.getType()));
      default -> false;
    };
  }
}
