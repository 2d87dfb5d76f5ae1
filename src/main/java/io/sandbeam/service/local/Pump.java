package io.sandbeam.service.local;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that looks after all running commands: it empties their pipes and watches their time.
 *
 * <p>A pipe holds 64 KiB, so most commands end before anybody must read for them: their output is
 * read once, at their end. The thread looks every 10 ms, much more often while some command writes
 * much, and rests while none runs. So a time limit is exact to about 10 ms.
 */
final class Pump implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long BUSY_NANOS = TimeUnit.MICROSECONDS.toNanos(300);
  private static final int BUSY_BYTES = 16 * 1024;

  /** So many looks without anything to look at, and the thread rests until it is woken. */
  private static final int LOOKS_BEFORE_REST = 100;

  /** Something to look at; says how many bytes it moved. */
  interface Watched {
    long look(long nowNanos, byte[] buffer);
  }

  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
  private final Thread thread = new Thread(this::run, "sandbeam-local-pump");
  private volatile boolean resting;
  private volatile boolean closed;

  Pump() {
    thread.setDaemon(true);
    thread.start();
  }

  void add(Watched one) {
    watched.add(one);
    if (resting) {
      LockSupport.unpark(thread);
    }
  }

  void remove(Watched one) {
    watched.remove(one);
  }

  private void run() {
    byte[] buffer = new byte[64 * 1024];
    int idle = 0;
    while (!closed) {
      long most = look(buffer);
      idle = watched.isEmpty() ? idle + 1 : 0;
      if (idle > LOOKS_BEFORE_REST) {
        resting = true;
        if (watched.isEmpty() && !closed) {
          LockSupport.park(this);
        }
        resting = false;
      } else {
        LockSupport.parkNanos(this, most >= BUSY_BYTES ? BUSY_NANOS : LOOK_NANOS);
      }
    }
  }

  private long look(byte[] buffer) {
    long most = 0;
    for (Iterator<Watched> all = watched.iterator(); all.hasNext(); ) {
      Watched one = all.next();
      try {
        most = Math.max(most, one.look(System.nanoTime(), buffer));
      } catch (RuntimeException e) {
        LOG.error("{} cannot be looked after any more", one, e);
        all.remove();
      }
    }
    return most;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
