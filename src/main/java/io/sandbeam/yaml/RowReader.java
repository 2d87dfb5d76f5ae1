package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;

/** Plain values as rows of a schema that was found by {@link TypeSample}. */
final class RowReader {
  private RowReader() {}

  /** A value that does not fit the schema; the message says which and why. */
  static final class MisfitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MisfitException(String message) {
      super(message);
    }
  }

  static Row row(JsonNode object, Schema schema) {
    return row("", object, schema);
  }

  private static Row row(String path, JsonNode object, Schema schema) {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!schema.hasField(name)) {
        throw new MisfitException(
            "field "
                + NearestName.quoted(path + name)
                + " is not among the fields of the first rows: "
                + NearestName.list(schema.getFieldNames()));
      }
    }
    Row.Builder row = Row.withSchema(schema);
    for (Schema.Field field : schema.getFields()) {
      row.addValue(value(path + field.getName(), object.path(field.getName()), field.getType()));
    }
    return row.build();
  }

  private static Object value(String path, JsonNode value, FieldType type) {
    if (value.isNull() || value.isMissingNode()) {
      if (type.getNullable()) {
        return null;
      }
      throw new MisfitException(
          "field " + NearestName.quoted(path) + " has no value, and the first rows all have one");
    }
    return switch (type.getTypeName()) {
      case BOOLEAN -> {
        require(value.isBoolean(), path, value, "true or false");
        yield value.booleanValue();
      }
      case INT64 -> {
        boolean isLong = value.isIntegralNumber() && value.canConvertToLong();
        require(isLong, path, value, "a whole number");
        yield value.longValue();
      }
      case DECIMAL -> {
        require(value.isIntegralNumber(), path, value, "a whole number");
        yield value.decimalValue();
      }
      case DOUBLE -> {
        require(value.isNumber(), path, value, "a number");
        yield value.doubleValue();
      }
      case ARRAY -> {
        require(value.isArray(), path, value, "a list");
        yield list(path, value, type.getCollectionElementType());
      }
      case ROW -> {
        require(value.isObject(), path, value, "a row");
        yield row(path + ".", value, type.getRowSchema());
      }
      default -> {
        require(value.isTextual(), path, value, "text");
        yield value.textValue();
      }
    };
  }

  private static void require(boolean isRight, String path, JsonNode value, String expected) {
    if (isRight) {
      return;
    }
    throw new MisfitException(
        "field "
            + NearestName.quoted(path)
            + " is "
            + expected
            + " in the first rows, and here "
            + NearestName.quoted(value.toString()));
  }

  private static List<Object> list(String path, JsonNode value, FieldType element) {
    List<Object> list = new ArrayList<>(value.size());
    value.forEach(item -> list.add(value(path + "[]", item, element)));
    return list;
  }
}
