package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.ExecHeaders;
import io.sandbeam.service.http.wire.PrepareHeaders;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SealHeaders;
import io.sandbeam.service.http.wire.Unicode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Turns what came over HTTP into an {@link ApiRequest}, and refuses what has not its form. */
final class RequestReader {
  private static final int CHUNK = 64 * 1024;

  /** What carries no files is small: no kernel takes a command of more. */
  private static final long LARGEST_WITHOUT_FILES = 4L << 20;

  /**
   * What is read of a body after it was refused. Closing a connection with unread bytes resets it,
   * and a reset can overtake the answer that says why.
   */
  private static final long READ_AFTER_REFUSAL = 8L << 20;

  private static final Set<ApiMethod> WITH_FILES =
      EnumSet.of(
          ApiMethod.CREATE_SANDBOX, ApiMethod.CREATE_SANDBOX_FROM_TEMPLATE, ApiMethod.WRITE_FILE);

  private final long largestBody;
  private final MinimumRate rate;
  private final Budget memory;
  private final Budget readers;

  /**
   * @param memory for bodies
   * @param readers for requests whose bodies come in: each holds a thread meanwhile
   */
  RequestReader(long largestBody, MinimumRate rate, Budget memory, Budget readers) {
    this.largestBody = largestBody;
    this.rate = rate;
    this.memory = memory;
    this.readers = readers;
  }

  ApiRequest read(Context context, ApiMethod method, Caller caller, String id) throws IOException {
    Exchange exchange = Exchange.of(context);
    Query query = Query.parse(method, queryOf(context));
    Optional<Record> body = Optional.empty();
    if (method.body().isPresent()) {
      requireJson(context.req().getHeader("Content-Type"));
      requirePlain(context.req().getHeader("Content-Encoding"));
      byte[] bytes = bytes(context, caller, largest(method));
      body = Optional.of(ProtoJson.readStrictly(bytes, method.body().get(), method.bodyField()));
    } else if (context.req().getContentLengthLong() > 0
        || context.header("Transfer-Encoding") != null) {
      throw invalid("body", method.rpc() + " has no body");
    }
    return new ApiRequest(
        method,
        caller,
        id,
        query,
        body,
        timeout(context),
        seal(context),
        Optional.ofNullable(context.header(PrepareHeaders.NAME)),
        exchange::hold);
  }

  private long largest(ApiMethod method) {
    return WITH_FILES.contains(method) ? largestBody : Math.min(largestBody, LARGEST_WITHOUT_FILES);
  }

  private static Map<String, List<String>> queryOf(Context context) {
    Map<String, List<String>> query = new TreeMap<>();
    String raw = context.req().getQueryString();
    if (raw == null || raw.isEmpty()) {
      return query;
    }
    if (raw.chars().anyMatch(c -> c > 127)) {
      throw invalid("query", "it is not percent-encoded UTF-8");
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

  /** Decodes to bytes first: the usual decoder puts something else where there is no UTF-8. */
  private static String decode(String encoded) {
    byte[] bytes =
        URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1)
            .getBytes(StandardCharsets.ISO_8859_1);
    return Unicode.ofUtf8(bytes).orElseThrow(() -> new IllegalArgumentException("it is not UTF-8"));
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

  private static void requirePlain(String contentEncoding) {
    if (contentEncoding != null && !contentEncoding.strip().equalsIgnoreCase("identity")) {
      throw invalid(
          "Content-Encoding",
          "it is '" + shorten(contentEncoding) + "': send the body as it is, not compressed");
    }
  }

  private byte[] bytes(Context context, Caller caller, long largest) throws IOException {
    Exchange exchange = Exchange.of(context);
    InputStream in = context.req().getInputStream();
    long announced = context.req().getContentLengthLong();
    Budget.Share reader = readers.take(caller, 1);
    try {
      if (announced > largest) {
        discard(in, exchange, rate.start());
        throw tooLarge(largest);
      }
      // A body of unknown length may become as large as any.
      exchange.hold(memory.take(caller, announced >= 0 ? announced : largest));
      return all(in, announced, exchange, largest);
    } finally {
      reader.close();
    }
  }

  private byte[] all(InputStream in, long announced, Exchange exchange, long largest)
      throws IOException {
    ByteArrayOutputStream body =
        new ByteArrayOutputStream((int) Math.min(Math.max(announced, 0), CHUNK));
    MinimumRate.Transfer transfer = rate.start();
    byte[] chunk = new byte[CHUNK];
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      body.write(chunk, 0, n);
      exchange.bytesIn += n;
      transfer.check(exchange.bytesIn);
      if (exchange.bytesIn > largest) {
        discard(in, exchange, transfer);
        throw tooLarge(largest);
      }
    }
    return body.toByteArray();
  }

  private static void discard(InputStream in, Exchange exchange, MinimumRate.Transfer transfer)
      throws IOException {
    byte[] chunk = new byte[CHUNK];
    int n = in.read(chunk);
    for (long left = READ_AFTER_REFUSAL; n >= 0 && left > 0; n = in.read(chunk)) {
      left -= n;
      exchange.bytesIn += n;
      transfer.check(exchange.bytesIn);
    }
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

  private static SandboxValidationException tooLarge(long largest) {
    return invalid("body", "it is above " + largest + " bytes");
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
