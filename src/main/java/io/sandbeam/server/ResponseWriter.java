package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.RpcStatus;
import io.sandbeam.service.http.wire.RpcStatusJson;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes answers, large ones without a copy in memory, and drops clients that do not take them. */
final class ResponseWriter {
  private static final Logger LOG = LoggerFactory.getLogger(ResponseWriter.class);

  private final MinimumRate rate;

  ResponseWriter(MinimumRate rate) {
    this.rate = rate;
  }

  void write(Context context, ApiAnswer answer) {
    answer.headers().forEach(context::header);
    context.contentType("application/json");
    Exchange exchange = Exchange.of(context);
    try (OutputStream out = counting(context, exchange)) {
      ProtoJson.write(answer.message(), out);
    } catch (IOException e) {
      exchange.code = RpcStatus.Code.CANCELLED;
      LOG.debug("The client did not take the answer", e);
    }
  }

  void write(Context context, Failures.Told told) {
    RpcStatus status = told.status();
    Exchange exchange = Exchange.of(context);
    exchange.code = status.code();
    exchange.reason = status.reason();
    byte[] body = RpcStatusJson.write(status);
    exchange.bytesOut = body.length;
    if (status.code() == RpcStatus.Code.UNAUTHENTICATED) {
      context.header("WWW-Authenticate", "Bearer");
    }
    status.retryDelay().ifPresent(delay -> context.header("Retry-After", wholeSeconds(delay)));
    context.status(told.httpStatus()).contentType("application/json").result(body);
  }

  private OutputStream counting(Context context, Exchange exchange) throws IOException {
    MinimumRate.Transfer transfer = rate.start();
    return new FilterOutputStream(context.res().getOutputStream()) {
      @Override
      public void write(int b) throws IOException {
        out.write(b);
        exchange.bytesOut++;
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        exchange.bytesOut += length;
        transfer.check(exchange.bytesOut);
      }
    };
  }

  private static String wholeSeconds(Duration delay) {
    return Long.toString(delay.plusMillis(999).toSeconds());
  }
}
