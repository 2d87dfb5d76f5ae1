package io.sandbeam.server;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts off clients that drip the head of a request: a byte now and then keeps a connection from
 * being idle, costs nothing and needs no token, and connections are bounded. From its first byte,
 * and for the first request from the connection itself, a head has a time in all. Thread-safe.
 */
final class HeadWatch implements Connection.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(HeadWatch.class);

  private final Duration most;
  private final LongSupplier nanoTime;
  private final Map<Connection, Seen> open = new ConcurrentHashMap<>();

  /**
   * A connection as it was at one look.
   *
   * @param since when the next head began at the latest, if anything of it is there
   * @param requests there had been by then
   * @param bytes there had been by then
   */
  private record Seen(OptionalLong since, long requests, long bytes) {}

  HeadWatch(Duration most, LongSupplier nanoTime) {
    this.most = most;
    this.nanoTime = nanoTime;
  }

  @Override
  public void onOpened(Connection connection) {
    // What is inside TLS is a connection of its own.
    if (!(connection instanceof SslConnection)) {
      open.put(connection, new Seen(OptionalLong.of(nanoTime.getAsLong()), 0, 0));
    }
  }

  @Override
  public void onClosed(Connection connection) {
    open.remove(connection);
  }

  /** Looks again and again, until the scheduler ends. */
  void every(Duration period, ScheduledExecutorService scheduler) {
    Future<?> unused =
        scheduler.scheduleWithFixedDelay(
            this::look, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void look() {
    open.forEach(this::look);
  }

  private void look(Connection connection, Seen before) {
    long now = nanoTime.getAsLong();
    long requests = connection.getMessagesIn();
    long bytes = connection.getBytesIn();
    boolean underWay = requests > connection.getMessagesOut();
    if (underWay || requests != before.requests()) {
      open.replace(connection, before, new Seen(OptionalLong.empty(), requests, bytes));
    } else if (before.since().isEmpty() && bytes != before.bytes()) {
      open.replace(connection, before, new Seen(OptionalLong.of(now), requests, bytes));
    } else if (before.since().isPresent() && now - before.since().getAsLong() > most.toNanos()) {
      LOG.debug("Cut off: no whole head of a request within {}", most);
      connection.getEndPoint().close();
    }
  }
}
