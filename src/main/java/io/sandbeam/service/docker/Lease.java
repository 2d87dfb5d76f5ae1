package io.sandbeam.service.docker;

import java.util.Optional;

/**
 * The attached stream of one sandbox, from when there is one: as long as it is open, the sandbox
 * lives. Thread-safe.
 */
final class Lease {
  private Attachment attachment;
  private boolean closed;

  /** Takes the stream; one that comes after the end is closed at once. */
  void hold(Attachment attached) {
    synchronized (this) {
      attachment = attached;
      if (!closed) {
        return;
      }
    }
    attached.close();
  }

  private synchronized Optional<Attachment> held() {
    return Optional.ofNullable(attachment);
  }

  boolean isHeld() {
    return held().isPresent();
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

  /** Gives it up: process 1 of the sandbox sees the end of its input. */
  void close() {
    Optional<Attachment> last;
    synchronized (this) {
      closed = true;
      last = held();
    }
    last.ifPresent(Attachment::close);
  }
}
