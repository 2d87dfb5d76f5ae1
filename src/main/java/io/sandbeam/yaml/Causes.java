package io.sandbeam.yaml;

import java.lang.reflect.InvocationTargetException;

/** Finds what to tell people of an exception that others have wrapped. */
final class Causes {
  private Causes() {}

  /** The message of the innermost cause that has one. */
  static String message(Throwable thrown) {
    String message = thrown.getMessage();
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      boolean isWrapper = cause instanceof InvocationTargetException;
      if (!isWrapper && cause.getMessage() != null) {
        message = cause.getMessage();
      }
    }
    return message == null ? thrown.getClass().getSimpleName() : message.strip();
  }
}
