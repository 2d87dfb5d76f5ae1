package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      throw new MisfitException("field " + NearestName.quoted(path) + " has no value, and the first rows all have one");
    }
    switch (type.getTypeName()) {
      case BOOLEAN:
        return fits(value.isBoolean(), path, value, "true or false") ? value.booleanValue() : null;
      case INT64:
        boolean isLong = value.isIntegralNumber() && value.canConvertToLong();
        return fits(isLong, path, value, "a whole number") ? value.longValue() : null;
      case DECIMAL:
        return fits(value.isIntegralNumber(), path, value, "a whole number") ? value.decimalValue() : null;
      case DOUBLE:
        return fits(value.isNumber(), path, value, "a number") ? value.doubleValue() : null;
      case ARRAY:
        fits(value.isArray(), path, value, "a list");
        return list(path, value, type.getCollectionElementType());
      case MAP:
        fits(value.isObject(), path, value, "a mapping");
        return map(path, value, type.getMapValueType());
      case ROW:
        fits(value.isObject(), path, value, "a row");
        return row(path + ".", value, type.getRowSchema());
      default:
        return fits(value.isTextual(), path, value, "text") ? value.textValue() : null;
    }
  }

  private static boolean fits(boolean isRight, String path, JsonNode value, String expected) {
    if (isRight) {
      return true;
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

  private static Map<String, Object> map(String path, JsonNode value, FieldType type) {
    Map<String, Object> map = new LinkedHashMap<>();
    value.fields().forEachRemaining(field -> map.put(field.getKey(), value(path + "." + field.getKey(), field.getValue(), type)));
    return map;
  }
}
