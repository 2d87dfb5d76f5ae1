package io.sandbeam.service.http.wire;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One field of a message.
 *
 * @param name its JSON name, lowerCamelCase
 * @param kind of the value, or of each value when it is repeated
 * @param repeated whether it is a list
 * @param presence whether absent and default are told apart; absent is null
 * @param oneOf the group of which at most one field is set, or empty
 * @param type the Java type of one value: the record of a message, the enum of an enum
 */
public record FieldShape(
    String name,
    Kind kind,
    boolean repeated,
    boolean presence,
    Optional<String> oneOf,
    Class<?> type,
    Method accessor) {

  /** The proto3 types in use. */
  public enum Kind {
    STRING,
    BOOL,
    INT32,
    UINT32,
    INT64,
    BYTES,
    ENUM,
    TIMESTAMP,
    STRING_MAP,
    MESSAGE
  }

  static FieldShape of(RecordComponent component) {
    Class<?> type = component.getType();
    boolean repeated = type == List.class;
    if (repeated) {
      Type element = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      type = (Class<?>) element;
    }
    Kind kind = kindOf(type, component.isAnnotationPresent(Uint32.class));
    Optional<String> oneOf =
        Optional.ofNullable(component.getAnnotation(OneOf.class)).map(OneOf::value);
    boolean boxed = type == Integer.class || type == Long.class || type == Boolean.class;
    boolean presence =
        !repeated && (boxed || kind == Kind.MESSAGE || kind == Kind.TIMESTAMP || oneOf.isPresent());
    Method accessor = component.getAccessor();
    accessor.setAccessible(true); // else each call looks at who calls
    return new FieldShape(component.getName(), kind, repeated, presence, oneOf, type, accessor);
  }

  /** Its original name: {@code sandbox_id} for {@code sandboxId}. */
  public String snakeCaseName() {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** What an unset field holds. */
  Object defaultValue() {
    if (presence) {
      return null;
    }
    if (repeated) {
      return List.of();
    }
    return switch (kind) {
      case STRING -> "";
      case BOOL -> false;
      case INT32 -> 0;
      case UINT32, INT64 -> 0L;
      case BYTES -> new byte[0];
      case ENUM -> type.getEnumConstants()[0];
      case STRING_MAP -> Map.of();
      case TIMESTAMP, MESSAGE -> null;
    };
  }

  /** Whether a value needs no JSON. */
  boolean isUnset(Object value) {
    if (value == null) {
      return true;
    }
    if (presence) {
      return false;
    }
    if (repeated) {
      return ((List<?>) value).isEmpty();
    }
    return switch (kind) {
      case BYTES -> ((byte[]) value).length == 0;
      default -> value.equals(defaultValue());
    };
  }

  private static Kind kindOf(Class<?> type, boolean unsigned) {
    if (type == String.class) {
      return Kind.STRING;
    } else if (type == boolean.class || type == Boolean.class) {
      return Kind.BOOL;
    } else if (type == int.class || type == Integer.class) {
      return Kind.INT32;
    } else if (type == long.class || type == Long.class) {
      return unsigned ? Kind.UINT32 : Kind.INT64;
    } else if (type == byte[].class) {
      return Kind.BYTES;
    } else if (type.isEnum()) {
      return Kind.ENUM;
    } else if (type == Instant.class) {
      return Kind.TIMESTAMP;
    } else if (type == Map.class) {
      return Kind.STRING_MAP;
    } else if (type.isRecord()) {
      return Kind.MESSAGE;
    }
    throw new IllegalArgumentException("no message has a field of type " + type);
  }
}
