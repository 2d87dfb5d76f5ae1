package io.sandbeam.service.http.wire;

/**
 * One query parameter of a method.
 *
 * @param name its lowerCamelCase name; snake_case is accepted, too
 * @param kind of each value: STRING, BOOL, INT32 or ENUM
 * @param repeated whether its key may come more than once
 * @param required whether the method means nothing without it
 */
public record QueryParameter(
    String name, FieldShape.Kind kind, boolean repeated, boolean required) {

  static QueryParameter string(String name) {
    return new QueryParameter(name, FieldShape.Kind.STRING, false, false);
  }

  static QueryParameter requiredString(String name) {
    return new QueryParameter(name, FieldShape.Kind.STRING, false, true);
  }

  static QueryParameter strings(String name) {
    return new QueryParameter(name, FieldShape.Kind.STRING, true, false);
  }

  static QueryParameter int32(String name) {
    return new QueryParameter(name, FieldShape.Kind.INT32, false, false);
  }

  static QueryParameter bool(String name) {
    return new QueryParameter(name, FieldShape.Kind.BOOL, false, false);
  }

  /** The one enum that queries carry is {@link V1Status.State}. */
  static QueryParameter state(String name) {
    return new QueryParameter(name, FieldShape.Kind.ENUM, false, false);
  }
}
