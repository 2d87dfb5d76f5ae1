package io.sandbeam.service;

import java.util.Objects;

/**
 * One thing a diagnosis looked at.
 *
 * @param level how it stands
 * @param subject what was looked at
 * @param detail what was found
 * @param remedy the command or setting that mends it, or empty
 */
public record Finding(Level level, String subject, String detail, String remedy) {

  /** How a thing stands. */
  public enum Level {
    /** As it should be. */
    OK,
    /** Works, with less than is possible. */
    WARNING,
    /** The service cannot work. */
    MISSING
  }

  public Finding {
    Objects.requireNonNull(level, "level");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(detail, "detail");
    Objects.requireNonNull(remedy, "remedy");
  }
}
