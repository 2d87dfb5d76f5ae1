package io.sandbeam.transforms;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.values.Row;
import org.checkerframework.checker.nullness.qual.Nullable;

/** The text of a row's field, found by a path of names. Nothing is replaced or cut on the way. */
final class FieldText {
  private FieldText() {}

  /** Whether the path leads to a field. */
  static boolean resolves(Schema schema, List<String> path) {
    return type(schema, path) != null;
  }

  /** Refuses a field that has no one text form. */
  static void requireText(Schema schema, List<String> path) {
    FieldType type = type(schema, path);
    if (type != null
        && (type.getTypeName().isCompositeType()
            || type.getTypeName().isCollectionType()
            || type.getTypeName().isMapType())) {
      throw new IllegalArgumentException(
          "Field '"
              + String.join(".", path)
              + "' cannot stand inside a text: it is "
              + type.getTypeName()
              + ". Name a field with one value, or set interpolate to false when the braces are code");
    }
  }

  /**
   * The field's text.
   *
   * @throws InvalidElementException when it is null, or bytes that are not UTF-8
   */
  static String text(Row row, List<String> path) {
    Object value = value(row, path);
    if (value instanceof byte[] bytes) {
      return utf8(path, bytes);
    }
    return String.valueOf(value);
  }

  /** The field's bytes; those of its text in UTF-8 when it is not bytes itself. */
  static byte[] bytes(Row row, List<String> path) {
    return value(row, path) instanceof byte[] bytes
        ? bytes.clone()
        : text(row, path).getBytes(StandardCharsets.UTF_8);
  }

  private static String utf8(List<String> path, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidElementException(
          "Field '"
              + String.join(".", path)
              + "' is not UTF-8 text: pass it alone as stdin or as a file");
    }
  }

  private static Object value(Row row, List<String> path) {
    Object value = row;
    for (String name : path) {
      value = ((Row) value).getValue(name);
      if (value == null) {
        throw new InvalidElementException("Field '" + String.join(".", path) + "' is null");
      }
    }
    return value;
  }

  private static @Nullable FieldType type(Schema schema, List<String> path) {
    Schema at = schema;
    FieldType type = null;
    for (String name : path) {
      if (at == null || !at.hasField(name)) {
        return null;
      }
      type = at.getField(name).getType();
      at = type.getTypeName() == TypeName.ROW ? type.getRowSchema() : null;
    }
    return type;
  }
}
