package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;

/**
 * Finds the type that all values seen in one place have. Whole numbers are INT64 (DECIMAL when one
 * is larger than that holds), with fractions DOUBLE; null, or a field that not every row has, makes
 * a type nullable; what was never seen but null is text. Anything else that differs is an error:
 * nothing is turned into text in silence.
 */
final class TypeSample {

  private enum Kind {
    BOOLEAN,
    INTEGER,
    BIG_INTEGER,
    FLOAT,
    TEXT,
    LIST,
    ROW
  }

  /** Two values of one field that no type holds. */
  static final class MixedTypesException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MixedTypesException(String message) {
      super(message);
    }
  }

  private final String path;
  private final Map<Kind, String> seen = new EnumMap<>(Kind.class);
  private final Map<String, TypeSample> fields = new LinkedHashMap<>();
  private final Map<String, Integer> presence = new LinkedHashMap<>();
  private int rows;
  private boolean nullable;
  private TypeSample items;

  TypeSample(String path) {
    this.path = path;
  }

  /** Takes a value into account; {@code where} it was seen is for messages. */
  void add(JsonNode value, String where) {
    switch (value.getNodeType()) {
      case NULL, MISSING -> nullable = true;
      case BOOLEAN -> seen.putIfAbsent(Kind.BOOLEAN, where);
      case NUMBER -> seen.putIfAbsent(numberKind(value), where);
      case ARRAY -> {
        seen.putIfAbsent(Kind.LIST, where);
        items = items == null ? new TypeSample(path + "[]") : items;
        value.forEach(item -> items.add(item, where));
      }
      case OBJECT -> {
        seen.putIfAbsent(Kind.ROW, where);
        addRow(value, where);
      }
      default -> seen.putIfAbsent(Kind.TEXT, where);
    }
  }

  private void addRow(JsonNode row, String where) {
    rows++;
    row.fields()
        .forEachRemaining(
            field -> {
              String name = field.getKey();
              String inner = path.isEmpty() ? name : path + "." + name;
              fields
                  .computeIfAbsent(name, key -> new TypeSample(inner))
                  .add(field.getValue(), where);
              presence.merge(name, 1, Integer::sum);
            });
  }

  private static Kind numberKind(JsonNode value) {
    if (!value.isIntegralNumber()) {
      return Kind.FLOAT;
    }
    return value.canConvertToLong() ? Kind.INTEGER : Kind.BIG_INTEGER;
  }

  /** The schema of the rows seen; with {@code allNullable}, for rows that may lack any field. */
  Schema schema(boolean allNullable) {
    Schema.Builder schema = Schema.builder();
    fields.forEach(
        (name, sample) -> {
          boolean optional = allNullable || presence.get(name) < rows;
          FieldType type = sample.type(allNullable);
          schema.addField(Schema.Field.of(name, optional ? type.withNullable(true) : type));
        });
    return schema.build();
  }

  private FieldType type(boolean allNullable) {
    FieldType type = plain(allNullable).orElse(FieldType.STRING.withNullable(true));
    return nullable ? type.withNullable(true) : type;
  }

  private Optional<FieldType> plain(boolean allNullable) {
    if (seen.isEmpty()) {
      return Optional.empty();
    }
    boolean onlyNumbers =
        !seen.containsKey(Kind.BOOLEAN)
            && !seen.containsKey(Kind.TEXT)
            && !seen.containsKey(Kind.LIST)
            && !seen.containsKey(Kind.ROW);
    if (onlyNumbers) {
      boolean isFloat = seen.containsKey(Kind.FLOAT);
      boolean isBig = seen.containsKey(Kind.BIG_INTEGER);
      return Optional.of(isFloat ? FieldType.DOUBLE : isBig ? FieldType.DECIMAL : FieldType.INT64);
    }
    if (seen.size() > 1) {
      throw mixed();
    }
    return switch (seen.keySet().iterator().next()) {
      case BOOLEAN -> Optional.of(FieldType.BOOLEAN);
      case LIST -> Optional.of(FieldType.array(items.type(allNullable)));
      case ROW -> Optional.of(FieldType.row(schema(allNullable)));
      default -> Optional.of(FieldType.STRING);
    };
  }

  private MixedTypesException mixed() {
    StringBuilder kinds = new StringBuilder();
    seen.forEach(
        (kind, where) ->
            kinds
                .append(kinds.length() == 0 ? "" : ", ")
                .append(name(kind))
                .append(" (")
                .append(where)
                .append(')'));
    return new MixedTypesException(
        "field " + NearestName.quoted(path) + " has values of different types: " + kinds);
  }

  private static String name(Kind kind) {
    return switch (kind) {
      case BOOLEAN -> "true or false";
      case INTEGER, BIG_INTEGER, FLOAT -> "a number";
      case TEXT -> "text";
      case LIST -> "a list";
      default -> "a row";
    };
  }
}
