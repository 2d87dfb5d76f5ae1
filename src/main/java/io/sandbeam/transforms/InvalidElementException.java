package io.sandbeam.transforms;

/** An element makes no command; the message says why. Becomes a failure of that element. */
final class InvalidElementException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidElementException(String message) {
    super(message);
  }
}
