package io.sandbeam.service.local;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a service has to close, the last first. All are closed, whatever fails: the first failure is
 * thrown at the end. Not thread-safe.
 */
final class Belongings implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Belongings.class);

  private final Deque<Named> all = new ArrayDeque<>();

  /** Closes one thing. */
  interface Closing {
    void close() throws IOException;
  }

  private record Named(String name, Closing one) {}

  void add(String name, Closing one) {
    all.push(new Named(name, one));
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    while (!all.isEmpty()) {
      Named next = all.pop();
      try {
        next.one().close();
      } catch (IOException | RuntimeException e) {
        LOG.warn("The {} cannot be closed", next.name(), e);
        if (first == null) {
          first = new IOException(next.name() + ": " + e.getMessage(), e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
