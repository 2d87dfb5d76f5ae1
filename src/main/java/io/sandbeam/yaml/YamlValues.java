package io.sandbeam.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.yaml.YamlNode.Mapping;
import io.sandbeam.yaml.YamlNode.Scalar;
import io.sandbeam.yaml.YamlNode.Sequence;
import java.math.BigInteger;
import java.util.Locale;

/** Data written into a pipeline file, as plain values. Dates are texts, as they stand. */
final class YamlValues {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private YamlValues() {}

  /** An element: a mapping is a row; anything else is a row with the one field {@code element}. */
  static ObjectNode element(YamlNode node) {
    JsonNode value = value(node);
    return value instanceof ObjectNode row ? row : JSON.objectNode().set("element", value);
  }

  private static JsonNode value(YamlNode node) {
    if (node instanceof Mapping mapping) {
      ObjectNode object = JSON.objectNode();
      mapping.entries().forEach((key, entry) -> object.set(key, value(entry.value())));
      return object;
    } else if (node instanceof Sequence sequence) {
      ArrayNode array = JSON.arrayNode();
      sequence.items().forEach(item -> array.add(value(item)));
      return array;
    }
    return scalar((Scalar) node);
  }

  private static JsonNode scalar(Scalar scalar) {
    return switch (scalar.meaning()) {
      case NULL -> JSON.nullNode();
      case BOOLEAN -> JSON.booleanNode(Config.flag("a truth value", scalar));
      case INTEGER -> integer(scalar);
      case FLOAT -> JSON.numberNode(floating(scalar));
      default -> JSON.textNode(scalar.text());
    };
  }

  /** YAML 1.1 writes whole numbers also as 0x1F, 017, 0b101, 1_000 and 1:30 (sixty-fold). */
  private static JsonNode integer(Scalar scalar) {
    String text = scalar.text().replace("_", "");
    boolean negative = text.startsWith("-");
    String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    BigInteger value;
    if (digits.contains(":")) {
      value = BigInteger.ZERO;
      for (String part : digits.split(":", -1)) {
        value = value.multiply(BigInteger.valueOf(60)).add(new BigInteger(part));
      }
    } else if (digits.startsWith("0x")) {
      value = new BigInteger(digits.substring(2), 16);
    } else if (digits.startsWith("0b")) {
      value = new BigInteger(digits.substring(2), 2);
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      value = new BigInteger(digits, 8);
    } else {
      value = new BigInteger(digits);
    }
    BigInteger signed = negative ? value.negate() : value;
    return signed.bitLength() < Long.SIZE
        ? JSON.numberNode(signed.longValue())
        : JSON.numberNode(signed);
  }

  private static double floating(Scalar scalar) {
    String text = scalar.text().replace("_", "").toLowerCase(Locale.ROOT);
    if (text.endsWith(".inf")) {
      return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    } else if (text.equals(".nan")) {
      return Double.NaN;
    } else if (text.contains(":")) {
      double value = 0;
      boolean negative = text.startsWith("-");
      for (String part : text.replaceFirst("^[-+]", "").split(":", -1)) {
        value = value * 60 + Double.parseDouble(part);
      }
      return negative ? -value : value;
    }
    return Double.parseDouble(text);
  }
}
