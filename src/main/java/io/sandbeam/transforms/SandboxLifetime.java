package io.sandbeam.transforms;

import java.time.Duration;
import java.util.Optional;

/** How long the sandboxes of a step may live: what the user said, or what their commands need. */
final class SandboxLifetime {
  /** Of a sandbox that many commands share, unless the user says otherwise. */
  static final Duration SHARED = Duration.ofMinutes(30);

  private final Optional<Duration> chosen;

  SandboxLifetime(ExecConfig config) {
    chosen = Optional.ofNullable(config.maxLifetime());
  }

  /** Of a sandbox for one command. */
  Duration ofOne(Duration needed) {
    return chosen.orElse(needed);
  }

  /** Of a sandbox for many commands, the first of which needs this much. */
  Duration ofMany(Duration needed) {
    return chosen.orElse(SHARED.compareTo(needed) > 0 ? SHARED : needed.multipliedBy(2));
  }

  /**
   * @throws InvalidElementException when a command needs longer than its sandbox may live
   */
  void requireRoom(Duration timeout) {
    Duration needed = ExecConfig.needed(timeout);
    if (chosen.isPresent() && needed.compareTo(chosen.get()) > 0) {
      throw new InvalidElementException(
          "Invalid timeout "
              + Durations.format(timeout)
              + ": the sandbox's max lifetime is "
              + Durations.format(chosen.get())
              + ", and a command may take a minute less");
    }
  }
}
