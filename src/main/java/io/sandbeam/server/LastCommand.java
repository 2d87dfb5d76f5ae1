package io.sandbeam.server;

import java.time.Instant;

/**
 * The command that ran last in a sandbox, as far as people may know it: arguments may be secret.
 *
 * @param program the last part of the program's path, shortened
 * @param at when it ended, or began while it runs
 * @param outcome {@code running}, {@code exit 0}, {@code timed out}, …
 */
record LastCommand(String program, Instant at, String outcome) {
  private static final int SHOWN = 40;

  static LastCommand of(String argv0, Instant at, String outcome) {
    String name = argv0.substring(argv0.lastIndexOf('/') + 1);
    return new LastCommand(
        name.length() > SHOWN ? name.substring(0, SHOWN) + "…" : name, at, outcome);
  }
}
