package io.sandbeam.transforms;

/** Whether {@code {field}} in a command, its input, variables, files and outputs is replaced. */
public enum Interpolate {
  /** {@code {field}} becomes the field's value where the input has such a field. */
  YES,
  /** Every brace stays as it is. */
  NO
}
