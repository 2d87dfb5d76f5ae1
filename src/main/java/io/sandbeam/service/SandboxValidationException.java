package io.sandbeam.service;

import java.util.List;

/** The request itself is wrong; nothing was done, and asking again will not help. */
public final class SandboxValidationException extends SandboxException {
  private static final long serialVersionUID = 1;

  private final transient List<Violation> violations;

  /**
   * One thing that is wrong.
   *
   * @param field which field, in the words of the request
   * @param description the value and the rule it breaks
   */
  public record Violation(String field, String description) {}

  public SandboxValidationException(String field, String description) {
    this(description, List.of(new Violation(field, description)));
  }

  public SandboxValidationException(String message, List<Violation> violations) {
    super(message);
    this.violations = List.copyOf(violations);
  }

  /** What is wrong; empty after the exception was serialized. */
  public List<Violation> violations() {
    return violations == null ? List.of() : violations;
  }
}
