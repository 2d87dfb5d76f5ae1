package io.sandbeam.service.http;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxUnsupportedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Runs commands, so many at once. */
final class Commands {
  /** More is as good as no limit. */
  private static final int MOST_AHEAD = 1000;

  private final HttpSettings settings;
  private final Transport transport;
  private final Repeating repeating;
  private final Duration way;
  private final Slots slots;

  /**
   * @param way for the way there and back, beyond a command's own limit
   */
  Commands(HttpSettings settings, Transport transport, Repeating repeating, Duration way) {
    this.settings = settings;
    this.transport = transport;
    this.repeating = repeating;
    this.way = way;
    this.slots = new Slots(settings.concurrency());
  }

  /** How long it can take until the end, with all that is before it: no call waits for ever. */
  Duration longest(ExecRequest request) {
    int ahead = Math.min(slots.ahead(), MOST_AHEAD);
    return Execution.longest(settings, way, request).multipliedBy(1L + ahead);
  }

  CompletableFuture<ExecResult> exec(String id, ExecRequest request) {
    byte[] input = request.stdin();
    boolean plain = settings.shell().isEmpty();
    if (plain && (request.cwd().isPresent() || input.length > 0)) {
      return CompletableFuture.failedFuture(
          new SandboxUnsupportedException(
              "A directory or an input for a command needs a shell in the sandbox; the setting shell is none"));
    }
    Execution execution = new Execution(settings, transport, repeating, way, id, request);
    return slots.run(() -> execution.start(input));
  }
}
