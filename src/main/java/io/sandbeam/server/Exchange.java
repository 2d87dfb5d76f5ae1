package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.http.wire.RpcStatus;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is noted of one request for the log and the metrics, and what it holds until it is over. */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final String KEY = "sandbeam.exchange";

  final long startNanos = System.nanoTime();
  String caller = "-";
  String rpc = "-";
  String sandboxId = "";
  RpcStatus.Code code = RpcStatus.Code.OK;
  String reason = "";
  long bytesIn;
  long bytesOut;

  private final List<AutoCloseable> held = new ArrayList<>();
  private boolean over;

  static Exchange of(Context context) {
    Exchange exchange = context.attribute(KEY);
    if (exchange == null) {
      exchange = new Exchange();
      context.attribute(KEY, exchange);
    }
    return exchange;
  }

  /** Closes it when the request is over; at once when that was. */
  void hold(AutoCloseable one) {
    synchronized (this) {
      if (!over) {
        held.add(one);
        return;
      }
    }
    close(one);
  }

  /** Gives back what is held. Idempotent. */
  void end() {
    List<AutoCloseable> all;
    synchronized (this) {
      over = true;
      all = List.copyOf(held);
      held.clear();
    }
    all.forEach(Exchange::close);
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      LOG.error("Not given back: {}", one, e);
    }
  }
}
