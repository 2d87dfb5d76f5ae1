package io.sandbeam.yaml;

import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Meaning;
import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;

/**
 * Turns a config into the row that a schema transform wants, by its schema. Where that says text,
 * numbers and truth values keep the spelling of the file: {@code command: [sleep, 1.50]} means the
 * text {@code 1.50}.
 */
final class ConfigRows {
  private ConfigRows() {}

  static Row row(Config config, Schema schema) {
    return row(config.type(), config.mapping(), schema);
  }

  private static Row row(String owner, Mapping mapping, Schema schema) {
    Keys.check("the config of " + owner, mapping, schema.getFieldNames());
    Row.Builder row = Row.withSchema(schema);
    for (Schema.Field field : schema.getFields()) {
      YamlNode node = mapping.get(field.getName());
      String what = NearestName.quoted(field.getName()) + " of " + owner;
      if (node == null || isNothing(node)) {
        if (!field.getType().getNullable()) {
          throw mapping
              .location()
              .error(owner + " needs " + NearestName.quoted(field.getName()) + " in its config");
        }
        row.addValue(null);
      } else {
        row.addValue(value(what, node, field.getType()));
      }
    }
    return row.build();
  }

  private static boolean isNothing(YamlNode node) {
    return node instanceof Scalar scalar && scalar.meaning() == Meaning.NULL;
  }

  private static Object value(String what, YamlNode node, FieldType type) {
    return switch (type.getTypeName()) {
      case ROW -> row(what, Keys.mapping(what, node), type.getRowSchema());
      case ARRAY, ITERABLE -> list(what, node, type.getCollectionElementType());
      case MAP -> map(what, node, type);
      case LOGICAL_TYPE -> logical(what, node, type.getLogicalType());
      default -> scalar(what, node, type);
    };
  }

  private static List<Object> list(String what, YamlNode node, FieldType element) {
    if (!(node instanceof Sequence sequence)) {
      throw node.location().error(what + " must be a list, not " + node.kind());
    }
    List<Object> list = new ArrayList<>();
    for (YamlNode item : sequence.items()) {
      list.add(
          isNothing(item) && element.getNullable()
              ? null
              : value("each of " + what, item, element));
    }
    return list;
  }

  private static Map<String, Object> map(String what, YamlNode node, FieldType type) {
    Map<String, Object> map = new LinkedHashMap<>();
    Keys.mapping(what, node)
        .entries()
        .forEach(
            (key, entry) -> {
              String each = NearestName.quoted(key) + " in " + what;
              boolean nothing = isNothing(entry.value()) && type.getMapValueType().getNullable();
              map.put(key, nothing ? null : value(each, entry.value(), type.getMapValueType()));
            });
    return map;
  }

  private static <InputT, BaseT> InputT logical(
      String what, YamlNode node, Schema.LogicalType<InputT, BaseT> logical) {
    @SuppressWarnings("unchecked") // value() gives what the base type holds
    BaseT base = (BaseT) value(what, node, logical.getBaseType());
    try {
      return logical.toInputType(base);
    } catch (RuntimeException e) {
      throw node.location().error(what + " cannot be " + node.kind() + ": " + Causes.message(e), e);
    }
  }

  private static Object scalar(String what, YamlNode node, FieldType type) {
    if (!(node instanceof Scalar scalar) || isNothing(node)) {
      throw node.location().error(what + " must be " + nameOf(type) + ", not " + node.kind());
    }
    String text = scalar.text();
    try {
      return switch (type.getTypeName()) {
        case STRING -> text;
        case BYTES -> text.getBytes(StandardCharsets.UTF_8);
        case BOOLEAN -> Config.flag(what, node);
        case BYTE -> Byte.valueOf(text);
        case INT16 -> Short.valueOf(text);
        case INT32 -> Integer.valueOf(text);
        case INT64 -> Long.valueOf(text);
        case FLOAT -> Float.valueOf(text);
        case DOUBLE -> Double.valueOf(text);
        case DECIMAL -> new BigDecimal(text);
        default ->
            throw node.location()
                .error(what + " cannot be written in a file (" + type.getTypeName() + ")");
      };
    } catch (NumberFormatException e) {
      throw node.location().error(what + " must be " + nameOf(type) + ", not " + node.kind(), e);
    }
  }

  private static String nameOf(FieldType type) {
    return switch (type.getTypeName()) {
      case STRING, BYTES -> "text";
      case BOOLEAN -> "true or false";
      case BYTE, INT16, INT32, INT64 -> "a whole number";
      default -> "a number";
    };
  }
}
