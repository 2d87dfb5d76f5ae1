package io.sandbeam.service.http;

import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Virtual threads on a JDK that has them, though this is compiled for one that has not. */
final class VirtualThreads {
  private static final Logger LOG = LoggerFactory.getLogger(VirtualThreads.class);

  private VirtualThreads() {}

  /** Makes virtual threads with numbered names; they are daemons always. Empty before JDK 21. */
  static Optional<ThreadFactory> factory(String prefix) {
    if (Runtime.version().feature() < 21) {
      return Optional.empty();
    }
    try {
      Class<?> builders = Class.forName("java.lang.Thread$Builder$OfVirtual");
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      builder = builders.getMethod("name", String.class, long.class).invoke(builder, prefix, 1L);
      return Optional.of((ThreadFactory) builders.getMethod("factory").invoke(builder));
    } catch (ReflectiveOperationException e) {
      LOG.warn("No virtual threads on JDK {}; each call takes a thread", Runtime.version(), e);
      return Optional.empty();
    }
  }
}
