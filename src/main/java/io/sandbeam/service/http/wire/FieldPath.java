package io.sandbeam.service.http.wire;

/**
 * Where in a message a value stands, such as {@code spec.tags[2]}; put into words only when
 * something is wrong there.
 *
 * @param parent null for the message itself
 * @param index in a list, or -1
 */
record FieldPath(FieldPath parent, String name, int index) {

  static FieldPath root(String name) {
    return new FieldPath(null, name, -1);
  }

  FieldPath field(String child) {
    return new FieldPath(this, child, -1);
  }

  FieldPath element(int at) {
    return new FieldPath(this, "", at);
  }

  @Override
  public String toString() {
    String before = parent == null ? "" : parent.toString();
    if (index >= 0) {
      return before + "[" + index + "]";
    }
    return (before.isEmpty() ? "" : before + ".") + Scalars.shorten(name);
  }
}
