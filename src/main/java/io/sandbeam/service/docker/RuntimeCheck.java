package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxValidationException;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Whether an engine starts containers with the OCI runtime that was asked for: one that takes
 * another instead takes the isolation away that somebody counts on.
 */
final class RuntimeCheck {
  /** Engines find these by their names, and need not list them. */
  private static final String SHIM = "io.containerd.";

  /**
   * What is wrong, and what mends it.
   *
   * @param why the value and the rule
   * @param remedy the next thing to do, with the command to type
   */
  record Refusal(String why, String remedy) {
    SandboxValidationException asException() {
      return new SandboxValidationException("runtime", why + ". " + remedy);
    }
  }

  private RuntimeCheck() {}

  /**
   * Blocks while the engine is asked, unless it is known to have it: it may have been given it
   * since.
   *
   * @throws SandboxValidationException when it does not have it
   */
  static void require(Context context) {
    DockerSettings settings = context.settings();
    Engine engine = context.engine();
    if (of(settings, context.facts(), engine.address()).isPresent()) {
      of(settings, EngineFacts.askAgain(engine), engine.address())
          .ifPresent(
              refusal -> {
                throw refusal.asException();
              });
    }
  }

  /** Empty when nothing is wrong; an engine may still have a broken one. */
  static Optional<Refusal> of(DockerSettings settings, EngineFacts facts, String address) {
    return settings.runtime().flatMap(runtime -> refusal(runtime, facts, address));
  }

  private static Optional<Refusal> refusal(String runtime, EngineFacts facts, String address) {
    String invalid = "Invalid runtime '" + runtime + "': engine " + address;
    if (facts.isPodman()) {
      return Optional.of(
          new Refusal(
              invalid
                  + " is Podman, whose Docker API starts containers with its own, whatever is"
                  + " asked for",
              "Leave the setting out, and type where Podman runs: podman --runtime "
                  + runtime
                  + " system service"));
    }
    if (facts.runtimes().contains(runtime) || runtime.startsWith(SHIM)) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            invalid + " has only " + String.join(", ", new TreeSet<>(facts.runtimes())),
            "Add it under \"runtimes\" in its /etc/docker/daemon.json"
                + (runtime.equals("runsc") ? ", as runsc install does," : "")
                + " and type there: systemctl reload docker"));
  }
}
