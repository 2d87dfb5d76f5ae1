package io.sandbeam.service.docker;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is sent to a container: the transport reads it on a thread of its own, and sends on what it
 * has read. What is queued is what commands under way have in their hands already; whoever sends
 * more than that waits for room. Thread-safe.
 */
final class ControlStream extends InputStream {
  /** What may be queued when more is sent by who can wait. */
  static final int ROOM = 4 << 20;

  private final Deque<byte[]> queue = new ArrayDeque<>();
  private long queued;
  private int position;
  private boolean closed;

  /** Sends these parts, and nothing of anybody else between them; false when it is closed. */
  synchronized boolean send(byte[]... parts) {
    if (closed) {
      return false;
    }
    for (byte[] part : parts) {
      if (part.length > 0) {
        queue.add(part);
        queued += part.length;
      }
    }
    notifyAll();
    return true;
  }

  /** Sends a part of something large, when there is room; false when it is closed meanwhile. */
  synchronized boolean sendWhenThereIsRoom(byte[] part) {
    try {
      while (!closed && queued + part.length > ROOM && queued > 0) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return send(part);
  }

  /** Bytes that nobody has read yet. */
  synchronized long queued() {
    return queued;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
    while (queue.isEmpty()) {
      if (closed) {
        return -1;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    byte[] first = queue.element();
    int count = Math.min(length, first.length - position);
    System.arraycopy(first, position, buffer, offset, count);
    position += count;
    queued -= count;
    if (position == first.length) {
      queue.remove();
      position = 0;
    }
    notifyAll();
    return count;
  }

  @Override
  public synchronized void close() {
    closed = true;
    queue.clear();
    queued = 0;
    position = 0;
    notifyAll();
  }
}
