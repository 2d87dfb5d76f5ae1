package io.sandbeam.service;

/** How a value is shown in an error message: quoted, printable, and never longer than a line. */
final class Quoted {
  private static final int SHOWN = 80;

  private Quoted() {}

  static String of(String value) {
    if (value == null) {
      return "null";
    }
    String shown = value.length() > SHOWN ? value.substring(0, SHOWN) + "…" : value;
    return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
