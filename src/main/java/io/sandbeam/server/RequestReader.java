package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.ExecHeaders;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SealHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Turns what came over HTTP into an {@link ApiRequest}, and refuses what has not its form. */
final class RequestReader {
  private static final int CHUNK = 64 * 1024;

  private final long largestBody;
  private final MinimumRate rate;
  private final MemoryBudget memory;

  RequestReader(long largestBody, MinimumRate rate, MemoryBudget memory) {
    this.largestBody = largestBody;
    this.rate = rate;
    this.memory = memory;
  }

  ApiRequest read(Context context, ApiMethod method, Caller caller, String id) throws IOException {
    Exchange exchange = Exchange.of(context);
    Query query = Query.parse(method, queryOf(context));
    Optional<Record> body = Optional.empty();
    if (method.body().isPresent()) {
      requireJson(context.req().getHeader("Content-Type"));
      byte[] bytes = bytes(context, exchange);
      body = Optional.of(ProtoJson.readStrictly(bytes, method.body().get(), method.bodyField()));
    } else if (context.req().getContentLengthLong() > 0
        || context.header("Transfer-Encoding") != null) {
      throw invalid("body", method.rpc() + " has no body");
    }
    return new ApiRequest(
        method, caller, id, query, body, timeout(context), seal(context), exchange::hold);
  }

  private static Map<String, List<String>> queryOf(Context context) {
    Map<String, List<String>> query = new TreeMap<>();
    String raw = context.req().getQueryString();
    if (raw == null || raw.isEmpty()) {
      return query;
    }
    try {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        query.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
      }
      return query;
    } catch (IllegalArgumentException e) {
      throw invalid("query", "it is not percent-encoded UTF-8");
    }
  }

  private static String decode(String encoded) {
    return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
  }

  private static void requireJson(String contentType) {
    String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT).replace(" ", "");
    boolean json =
        type.equals("application/json")
            || type.equals("application/json;charset=utf-8")
            || type.equals("application/json;charset=\"utf-8\"");
    if (!json) {
      throw invalid("Content-Type", "it is '" + shorten(type) + "', not application/json");
    }
  }

  private byte[] bytes(Context context, Exchange exchange) throws IOException {
    long announced = context.req().getContentLengthLong();
    if (announced > largestBody) {
      throw tooLarge();
    }
    // A body of unknown length may become as large as any.
    exchange.hold(memory.take(announced >= 0 ? announced : largestBody));
    MinimumRate.Transfer transfer = rate.start();
    ByteArrayOutputStream body =
        new ByteArrayOutputStream((int) Math.min(Math.max(announced, 0), CHUNK));
    byte[] chunk = new byte[CHUNK];
    InputStream in = context.req().getInputStream();
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      body.write(chunk, 0, n);
      exchange.bytesIn += n;
      transfer.check(exchange.bytesIn);
      if (exchange.bytesIn > largestBody) {
        throw tooLarge();
      }
    }
    return body.toByteArray();
  }

  private static Optional<Duration> timeout(Context context) {
    String text = context.header(ExecHeaders.TIMEOUT_MS);
    if (text == null) {
      return Optional.empty();
    }
    if (!text.matches("\\d{1,10}") || Long.parseLong(text) == 0) {
      throw invalid(
          ExecHeaders.TIMEOUT_MS, "it is '" + shorten(text) + "', not milliseconds above zero");
    }
    return Optional.of(Duration.ofMillis(Long.parseLong(text)));
  }

  private static Optional<String> seal(Context context) {
    Optional<String> text = Optional.ofNullable(context.header(SealHeaders.NAME));
    if (text.isPresent() && !Set.of(SealHeaders.SET, SealHeaders.ASK).contains(text.get())) {
      throw invalid(
          SealHeaders.NAME,
          "it is '" + shorten(text.get()) + "', not " + SealHeaders.SET + " or " + SealHeaders.ASK);
    }
    return text;
  }

  private SandboxValidationException tooLarge() {
    return invalid("body", "it is above " + largestBody + " bytes");
  }

  private static SandboxValidationException invalid(String field, String description) {
    return new SandboxValidationException(
        "Invalid " + field + ": " + description,
        List.of(new SandboxValidationException.Violation(field, description)));
  }

  private static String shorten(String text) {
    String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
