package io.sandbeam.service;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Opens the services of some schemes. Found by {@link java.util.ServiceLoader}; stateless and cheap
 * to make.
 */
public interface SandboxServiceProvider {

  /** The schemes it answers to, such as {@code local}. */
  Set<String> schemes();

  /** One line for people: what its sandboxes are, and where its images come from. */
  String summary();

  /**
   * Opens a service. Creates no sandbox and does nothing slow.
   *
   * @throws SandboxException when this machine or configuration cannot carry it; the message names
   *     what is missing and the command that mends it
   */
  SandboxService open(ServiceConfig config);

  /**
   * A service of the same code as {@link #open} gives, that makes up its answers: nothing leaves
   * this JVM. For making the JVM quick at that code before it counts. Empty when there is none,
   * since its sandboxes are made by this machine.
   */
  default Optional<SandboxService> rehearsal() {
    return Optional.empty();
  }

  /** Looks at this machine: what the service needs, what is there, what mends the rest. */
  List<Finding> diagnose(ServiceConfig config);
}
