package io.sandbeam.service.http;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxUnsupportedException;
import java.util.concurrent.CompletableFuture;

/** Runs commands, so many at once. */
final class Commands {
  private final HttpSettings settings;
  private final Transport transport;
  private final Repeating repeating;
  private final Slots slots;

  Commands(HttpSettings settings, Transport transport, Repeating repeating) {
    this.settings = settings;
    this.transport = transport;
    this.repeating = repeating;
    this.slots = new Slots(settings.concurrency());
  }

  CompletableFuture<ExecResult> exec(String id, ExecRequest request) {
    byte[] input = request.stdin();
    boolean plain = settings.shell().isEmpty();
    if (plain && (request.cwd().isPresent() || input.length > 0)) {
      return CompletableFuture.failedFuture(
          new SandboxUnsupportedException(
              "A directory or an input for a command needs a shell in the sandbox; the setting shell is none"));
    }
    Execution execution = new Execution(settings, transport, repeating, id, request);
    return slots.run(() -> execution.start(input));
  }
}
