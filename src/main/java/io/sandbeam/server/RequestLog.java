package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.http.wire.RpcStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Notes each answered request, for people in the access log, and as numbers in the metrics. */
final class RequestLog {
  private final AccessLog accessLog;
  private final Metrics metrics;
  private final Clock clock;

  RequestLog(AccessLog accessLog, Metrics metrics, Clock clock) {
    this.accessLog = accessLog;
    this.metrics = metrics;
    this.clock = clock;
  }

  void note(Context context) {
    Exchange exchange = Exchange.of(context);
    Duration duration = Duration.ofNanos(System.nanoTime() - exchange.startNanos);
    RpcStatus.Code code =
        exchange.code == RpcStatus.Code.OK && context.statusCode() >= 400
            ? RpcStatus.Code.ofHttpStatus(context.statusCode())
            : exchange.code;
    if (!exchange.rpc.equals("-")) {
      metrics.answered(exchange.rpc, code.name(), duration, exchange.bytesIn, exchange.bytesOut);
    }
    accessLog.write(
        new AccessLog.Line(
            Instant.now(clock),
            context.req().getRemoteAddr(),
            exchange.caller,
            context.req().getMethod(),
            exchange.rpc,
            exchange.sandboxId,
            context.statusCode(),
            code.name(),
            exchange.reason,
            duration,
            exchange.bytesIn,
            exchange.bytesOut));
  }
}
