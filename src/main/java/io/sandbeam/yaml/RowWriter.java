package io.sandbeam.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;

/**
 * Rows as JSON. Bytes that are UTF-8 are text under the field's own name; others are base64 under
 * {@code <field>_base64}, so nothing is replaced or cut. Times are RFC 3339; numbers that JSON does
 * not have (NaN, infinities) are texts.
 */
final class RowWriter {
  static final String BASE64 = "_base64";

  private static final JsonNodeFactory JSON = new JsonNodeFactory(true);
  private static final JsonMapper MAPPER = new JsonMapper();

  private RowWriter() {}

  /** One line of JSON. */
  static String line(Row row) {
    return line(object(row));
  }

  static String line(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always JSON", e);
    }
  }

  /**
   * Refuses rows in which the base64 form of one field would meet another field.
   *
   * @throws IllegalArgumentException naming the fields
   */
  static void check(Schema schema) {
    for (Schema.Field field : schema.getFields()) {
      if (isBinary(field.getType()) && schema.hasField(field.getName() + BASE64)) {
        throw new IllegalArgumentException(
            "rows have both a binary field '"
                + field.getName()
                + "' and a field '"
                + field.getName()
                + BASE64
                + "'; rename one with MapToFields");
      }
    }
  }

  static ObjectNode object(Row row) {
    ObjectNode object = JSON.objectNode();
    for (Schema.Field field : row.getSchema().getFields()) {
      put(object, field.getName(), row.getValue(field.getName()), field.getType());
    }
    return object;
  }

  private static void put(ObjectNode object, String name, Object value, FieldType type) {
    boolean asBase64 = isBinary(type) && !isText(value, type);
    object.set(asBase64 ? name + BASE64 : name, node(value, type, asBase64));
  }

  static boolean isBinary(FieldType type) {
    return switch (type.getTypeName()) {
      case BYTES -> true;
      case ARRAY, ITERABLE -> isBinary(type.getCollectionElementType());
      case MAP -> isBinary(type.getMapValueType());
      default -> false;
    };
  }

  private static boolean isText(Object value, FieldType type) {
    if (value == null) {
      return true;
    } else if (value instanceof Map<?, ?> map) {
      return map.values().stream().allMatch(item -> isText(item, type.getMapValueType()));
    } else if (value instanceof Iterable<?> items) {
      for (Object item : items) {
        if (!isText(item, type.getCollectionElementType())) {
          return false;
        }
      }
      return true;
    }
    return utf8((byte[]) value) != null;
  }

  /** The text of bytes, or null when they are not UTF-8. */
  static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static JsonNode node(Object value, FieldType type, boolean asBase64) {
    if (value == null) {
      return JSON.nullNode();
    }
    switch (type.getTypeName()) {
      case BOOLEAN -> {
        return JSON.booleanNode((Boolean) value);
      }
      case BYTE, INT16, INT32, INT64 -> {
        return JSON.numberNode(((Number) value).longValue());
      }
      case FLOAT, DOUBLE -> {
        return floating((Number) value);
      }
      case DECIMAL -> {
        return JSON.numberNode((BigDecimal) value);
      }
      case BYTES -> {
        byte[] bytes = (byte[]) value;
        return JSON.textNode(asBase64 ? Base64.getEncoder().encodeToString(bytes) : utf8(bytes));
      }
      case ROW -> {
        return object((Row) value);
      }
      case ARRAY, ITERABLE -> {
        ArrayNode array = JSON.arrayNode();
        ((Iterable<?>) value)
            .forEach(item -> array.add(node(item, type.getCollectionElementType(), asBase64)));
        return array;
      }
      case MAP -> {
        ObjectNode object = JSON.objectNode();
        ((Map<?, ?>) value)
            .forEach(
                (key, item) ->
                    object.set(String.valueOf(key), node(item, type.getMapValueType(), asBase64)));
        return object;
      }
      case LOGICAL_TYPE -> {
        return logical(value, type);
      }
      default -> {
        return JSON.textNode(value.toString());
      }
    }
  }

  private static JsonNode floating(Number value) {
    double number = value.doubleValue();
    if (!Double.isFinite(number)) {
      return JSON.textNode(Double.toString(number));
    }
    return value instanceof Float ? JSON.numberNode(value.floatValue()) : JSON.numberNode(number);
  }

  /** Times print as people write them; other logical types as what they are made of. */
  private static JsonNode logical(Object value, FieldType type) {
    if (value instanceof java.time.temporal.TemporalAccessor
        || value instanceof java.time.Duration) {
      return JSON.textNode(value.toString());
    }
    @SuppressWarnings("unchecked") // a row holds the input type of its field
    Schema.LogicalType<Object, Object> logical =
        (Schema.LogicalType<Object, Object>) type.getLogicalType();
    if (value instanceof org.apache.beam.sdk.schemas.logicaltypes.EnumerationType.Value choice) {
      return JSON.textNode(
          ((org.apache.beam.sdk.schemas.logicaltypes.EnumerationType) (Object) logical)
              .toString(choice));
    }
    FieldType base = logical.getBaseType();
    boolean asBase64 = base.getTypeName() == Schema.TypeName.BYTES;
    return node(logical.toBaseType(value), base, asBase64);
  }
}
