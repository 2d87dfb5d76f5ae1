package io.sandbeam.service;

import java.util.List;
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

  /** Looks at this machine: what the service needs, what is there, what mends the rest. */
  List<Finding> diagnose(ServiceConfig config);
}
