package io.sandbeam.service.docker;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The attached stream of one sandbox, from when there is one: as long as it is open, the sandbox
 * lives. Thread-safe.
 */
final class Lease {
  /** Fails when there will be none. */
  private final CompletableFuture<Attachment> attachment = new CompletableFuture<>();

  /** Takes the stream; one that comes too late is closed at once, and false is the answer. */
  boolean hold(Attachment attached) {
    boolean held = attachment.complete(attached);
    if (!held) {
      attached.close();
    }
    return held;
  }

  /** There will be no stream, unless it is held already. */
  void refuse(SandboxException why) {
    attachment.completeExceptionally(why);
  }

  /** Runs a task when it is clear that there will be no stream. */
  void ifRefused(Runnable task) {
    var unused =
        attachment.whenComplete(
            (attached, why) -> {
              if (why != null) {
                task.run();
              }
            });
  }

  /** Waits for the stream. When that takes too long, there will be none. */
  Attachment await(Duration limit) {
    try {
      return attachment.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      refuse(
          new SandboxTimeoutException(
              "The engine did not attach within " + limit.toMillis() + " ms", e));
    } catch (ExecutionException e) {
      throw EngineFailure.asSandboxException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(ended(e));
    }
    // It may have come in the last moment.
    return held().orElseThrow(() -> EngineFailure.asSandboxException(refusal()));
  }

  private Throwable refusal() {
    return attachment.handle((attached, why) -> why).join();
  }

  private static SandboxException ended(Throwable cause) {
    return new SandboxUnavailableException(
        "It was ended before it was attached", cause, Effect.UNKNOWN, null);
  }

  private Optional<Attachment> held() {
    return attachment.isDone() && !attachment.isCompletedExceptionally()
        ? Optional.of(attachment.join())
        : Optional.empty();
  }

  /** One line; false when there is nobody to send to. */
  boolean send(String line) {
    return held().map(to -> to.send(line)).orElse(false);
  }

  /** A line and the bytes that it announces. */
  boolean send(String line, byte[] bytes) {
    return held().map(to -> to.send(line, bytes)).orElse(false);
  }

  /** A part of what a line before announced; waits while much is still to be sent. */
  boolean sendPart(byte[] bytes) {
    return held().map(to -> to.sendPart(bytes)).orElse(false);
  }

  /** Nobody waits for a stream any more; one that is held goes on. */
  void stopWaiting() {
    refuse(ended(null));
  }

  /** Gives it up: process 1 of the sandbox sees the end of its input. */
  void close() {
    stopWaiting();
    held().ifPresent(Attachment::close);
  }
}
