package io.sandbeam.service.http.wire;

/**
 * One query parameter of a method.
 *
 * @param name its lowerCamelCase name; snake_case is accepted, too
 * @param kind of each value: STRING, BOOL, INT32 or ENUM
 * @param repeated whether its key may come more than once
 */
public record QueryParameter(String name, FieldShape.Kind kind, boolean repeated) {

  static QueryParameter string(String name) {
    return new QueryParameter(name, FieldShape.Kind.STRING, false);
  }

  static QueryParameter strings(String name) {
    return new QueryParameter(name, FieldShape.Kind.STRING, true);
  }

  static QueryParameter int32(String name) {
    return new QueryParameter(name, FieldShape.Kind.INT32, false);
  }

  static QueryParameter bool(String name) {
    return new QueryParameter(name, FieldShape.Kind.BOOL, false);
  }

  /** The one enum that queries carry is {@link V1Status.State}. */
  static QueryParameter state(String name) {
    return new QueryParameter(name, FieldShape.Kind.ENUM, false);
  }
}
