package io.sandbeam.service.http.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.SandboxValidationException.Violation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads one message from JSON, and collects what is wrong with it. */
final class MessageReader {
  /** No answer lists more: a body of nothing but mistakes is not worth more words. */
  private static final int MOST_VIOLATIONS = 20;

  /** What is done about fields and enum names that nobody published. */
  enum Mode {
    STRICT,
    TOLERANT
  }

  private final JsonParser parser;
  private final Mode mode;
  private final List<Violation> violations = new ArrayList<>();
  private int values;

  /** How many messages deep in what only informs. */
  private int informing;

  private MessageReader(JsonParser parser, Mode mode) {
    this.parser = parser;
    this.mode = mode;
  }

  static <T extends Record> T read(byte[] json, Class<T> type, String root, Mode mode) {
    if (mode == Mode.STRICT && !Unicode.isUtf8(json)) {
      throw invalid(List.of(new Violation(root, "it is not UTF-8")));
    }
    int start = Unicode.startsWithMark(json) ? Unicode.MARK_BYTES : 0;
    if (mode == Mode.STRICT && start > 0) {
      throw invalid(
          List.of(new Violation(root, "it starts with a byte order mark, which JSON has not")));
    }
    try (JsonParser parser = ProtoJson.JSON.createParser(json, start, json.length - start)) {
      MessageReader reader = new MessageReader(parser, mode);
      parser.nextToken();
      FieldPath path = FieldPath.root(root);
      Object message = reader.message(MessageShape.of(type), path);
      if (mode == Mode.STRICT && parser.nextToken() != null) {
        reader.violation(path, "something follows the JSON object");
      }
      if (!reader.violations.isEmpty()) {
        throw invalid(reader.violations);
      }
      return type.cast(message);
    } catch (JsonProcessingException e) {
      String at =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw invalid(List.of(new Violation(root, "not JSON" + at + ": " + e.getOriginalMessage())));
    } catch (IOException e) {
      throw invalid(List.of(new Violation(root, "not JSON: " + e.getMessage())));
    }
  }

  private static SandboxValidationException invalid(List<Violation> violations) {
    Violation first = violations.get(0);
    return new SandboxValidationException(
        "Invalid "
            + (first.field().isEmpty() ? "message" : first.field())
            + ": "
            + first.description(),
        violations);
  }

  /** Reads the object the parser stands on; null after a violation. */
  private Object message(MessageShape shape, FieldPath path) throws IOException {
    int more = shape.isInformative() ? 1 : 0;
    informing += more;
    try {
      return fields(shape, path);
    } finally {
      informing -= more;
    }
  }

  private Object fields(MessageShape shape, FieldPath path) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return wrong(path, "it is " + tokenName() + ", not a JSON object");
    }
    Object[] values = shape.defaults();
    boolean[] seen = new boolean[values.length];
    Map<String, String> groups = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      FieldPath fieldPath = path.field(name);
      parser.nextToken();
      int index = shape.indexOf(name);
      if (index < 0) {
        unknownField(fieldPath, shape);
        continue;
      }
      FieldShape field = shape.fields().get(index);
      if (seen[index]) {
        wrong(fieldPath, "it is given twice");
        continue;
      }
      seen[index] = true;
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      if (field.oneOf().isPresent()) {
        groups = groups == null ? new HashMap<>() : groups;
        String other = groups.put(field.oneOf().get(), name);
        if (other != null) {
          violation(fieldPath, "it excludes " + other + ": give one of them");
        }
      }
      Object value = field.repeated() ? list(field, fieldPath) : value(field, fieldPath);
      values[index] = value == null ? field.defaultValue() : value;
    }
    return violations.isEmpty() ? shape.newMessage(values) : null;
  }

  private void unknownField(FieldPath path, MessageShape shape) throws IOException {
    if (mode == Mode.STRICT) {
      violation(path, "no such field in " + shape.name());
    }
    parser.skipChildren();
  }

  private List<Object> list(FieldShape field, FieldPath path) throws IOException {
    List<Object> values = new ArrayList<>();
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      wrong(path, "it is " + tokenName() + ", not a JSON array");
      return values;
    }
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      countValue(path);
      Object value = value(field, path.element(i));
      if (value == null && violations.isEmpty()) {
        violation(path, "a list holds no null");
      }
      if (value != null) {
        values.add(value);
      }
    }
    return violations.isEmpty() ? List.copyOf(values) : values;
  }

  /** One value; null after a violation. */
  private Object value(FieldShape field, FieldPath path) throws IOException {
    if (field.kind() == FieldShape.Kind.MESSAGE) {
      return message(MessageShape.of(field.type()), path);
    }
    if (field.kind() == FieldShape.Kind.STRING_MAP) {
      return map(path);
    }
    JsonToken token = parser.currentToken();
    if (!token.isScalarValue()) {
      return wrong(path, "it is " + tokenName());
    }
    try {
      return Scalars.read(parser, field, mode);
    } catch (IllegalArgumentException e) {
      return mode == Mode.TOLERANT && field.kind() == FieldShape.Kind.TIMESTAMP
          ? null
          : wrong(path, e.getMessage());
    }
  }

  /** Sorted, so that equal messages are written equally. */
  private Map<String, String> map(FieldPath path) throws IOException {
    Map<String, String> map = new TreeMap<>();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      wrong(path, "it is " + tokenName() + ", not a JSON object");
      return map;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      countValue(path);
      String key = parser.currentName();
      FieldPath at = path.field(key);
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        wrong(at, "it is " + tokenName() + ", not a string");
      } else if (mode == Mode.STRICT
          && !(Unicode.isWhole(key) && Unicode.isWhole(parser.getText()))) {
        violation(at, Scalars.HALF_A_CHARACTER);
      } else if (map.put(key, parser.getText()) != null) {
        violation(at, "it is given twice");
      }
    }
    return map;
  }

  /** Ends it all when there are too many: what is read by then is what it costs. */
  private void countValue(FieldPath path) {
    values++;
    if (mode == Mode.STRICT && values > ProtoJson.MOST_VALUES) {
      throw invalid(
          List.of(
              new Violation(
                  path.toString(),
                  "with it there are more than " + ProtoJson.MOST_VALUES + " values")));
    }
  }

  /** Notes a violation and steps over the value. */
  private Object wrong(FieldPath path, String description) throws IOException {
    violation(path, description);
    parser.skipChildren();
    return null;
  }

  /**
   * What describes a sandbox of a service in other words than ours is absent: failing for it, a
   * create would be in doubt, and a sweep could not list what it has to delete.
   */
  private void violation(FieldPath path, String description) {
    if (mode == Mode.TOLERANT && informing > 0) {
      return;
    }
    if (violations.size() < MOST_VIOLATIONS) {
      violations.add(new Violation(path.toString(), description));
    }
  }

  private String tokenName() {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "empty";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "something else";
    };
  }
}
