package io.sandbeam.service.http;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxTimeoutException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ErrorReading;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.RpcStatus;
import io.sandbeam.service.http.wire.RpcStatusJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One try of one call: a request out, an answer or a {@link SandboxException} back. */
final class Transport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
  private static final int MOST_ERROR_BYTES = 64 * 1024;
  private static final Pattern ID = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,255}");

  /** A body in whole, within its bounds. */
  record Answer(byte[] body, Headers headers) {}

  private final HttpSettings settings;
  private final OkHttpClient client;
  private volatile boolean closed;

  Transport(HttpSettings settings, OkHttpClient client) {
    this.settings = settings;
    this.client = client;
  }

  /**
   * Sends once. Cancelling the future abandons the request. Every failure is a {@link
   * SandboxException}, whose effect tells whether the request can have arrived.
   */
  CompletableFuture<Answer> send(ApiCall call) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new SandboxException("This client of " + settings.baseUrl().host() + " is closed"));
    }
    boolean named = call.method().idName().isPresent();
    if (named && !ID.matcher(call.id()).matches()) {
      return CompletableFuture.failedFuture(notAnId(call));
    }
    Sent sent = new Sent();
    Call exchange = client.newCall(request(call, sent));
    exchange.timeout().timeout(call.deadline().toNanos(), TimeUnit.NANOSECONDS);
    CompletableFuture<Answer> future = new CompletableFuture<>();
    exchange.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException e) {
            future.completeExceptionally(lost(call, sent, e));
          }

          @Override
          public void onResponse(Call answered, Response response) {
            try (response) {
              future.complete(read(call, response));
            } catch (IOException e) {
              future.completeExceptionally(lost(call, sent, e));
            } catch (RuntimeException e) {
              future.completeExceptionally(e);
            }
          }
        });
    Futures.onCancel(future, exchange::cancel);
    return future;
  }

  /** No id that a service gives has such characters: there is nothing to ask it about. */
  private static SandboxException notAnId(ApiCall call) {
    return new ErrorReading(call.method(), call.id(), call.file())
        .toException(
            RpcStatus.of(RpcStatus.Code.NOT_FOUND, "'" + shorten(call.id()) + "' is not an id"));
  }

  private Request request(ApiCall call, Sent sent) {
    HttpUrl.Builder url =
        settings
            .baseUrl()
            .newBuilder()
            .encodedPath(call.method().pathPrefix() + call.id() + call.method().pathSuffix());
    call.query()
        .asMap()
        .forEach((name, values) -> values.forEach(value -> url.addQueryParameter(name, value)));
    Request.Builder request =
        new Request.Builder()
            .url(url.build())
            .tag(Sent.class, sent)
            .header("Accept", "application/json")
            .header("User-Agent", Connections.USER_AGENT);
    settings.apiKey().ifPresent(key -> request.header("Authorization", key.authorization()));
    call.headers().forEach(request::header);
    switch (call.method().verb()) {
      case GET -> request.get();
      case POST -> request.post(MessageBody.of(call.body()));
      case DELETE -> request.delete(MessageBody.EMPTY);
    }
    return request.build();
  }

  private Answer read(ApiCall call, Response response) throws IOException {
    BufferedSource source = response.body().source();
    if (!response.isSuccessful()) {
      throw failure(call, response, source);
    }
    MediaType type = response.body().contentType();
    // Without a type the content tells.
    if (type != null && !type.subtype().equals("json")) {
      throw garbled(call, "it is " + type + ", not JSON: is this the address of a Sandbox v1 API?");
    }
    if (source.request(call.mostBytes() + 1)) {
      throw garbled(call, "it is longer than " + call.mostBytes() + " bytes");
    }
    byte[] body = source.readByteArray();
    return new Answer(body.length == 0 ? silence(call) : body, response.headers());
  }

  /** What it means that a server says nothing but that it was done. */
  private static byte[] silence(ApiCall call) {
    String meant =
        switch (call.method()) {
          case WRITE_FILE, DELETE_FILE_SYSTEM_SNAPSHOT -> "{}";
          // An empty message would mean that there was none: so it is asked for until it is gone.
          case DELETE_SANDBOX ->
              "{\"sandbox\":{\"sandboxId\":\""
                  + call.id()
                  + "\",\"status\":{\"state\":\"STATE_TERMINATING\"}}}";
          default -> "";
        };
    return meant.getBytes(StandardCharsets.UTF_8);
  }

  private SandboxException failure(ApiCall call, Response response, BufferedSource source)
      throws IOException {
    if (response.isRedirect() || response.code() / 100 == 3) {
      HttpUrl target = response.request().url().resolve(response.header("Location", ""));
      return new SandboxException(
          call.method().rpc()
              + ": "
              + settings.baseUrl()
              + " redirects"
              + (target == null ? "" : " to " + target.scheme() + "://" + target.host())
              + "; the key goes nowhere else: name the right host, --service=https://HOST");
    }
    source.request(MOST_ERROR_BYTES);
    byte[] body =
        source.getBuffer().readByteArray(Math.min(MOST_ERROR_BYTES, source.getBuffer().size()));
    byte[] safe = settings.apiKey().map(key -> redact(key, body)).orElse(body);
    RpcStatus status = RpcStatusJson.read(safe, response.code());
    if (status.retryDelay().isEmpty()) {
      status = status.withRetryDelay(RetryAfter.of(response.header("Retry-After")));
    }
    return new ErrorReading(call.method(), call.id(), call.file())
        .toException(status, response.code());
  }

  private static byte[] redact(ApiKey key, byte[] body) {
    return key.redact(new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
  }

  /** An answer that cannot be understood: what was asked may have been done. */
  static SandboxException garbled(ApiCall call, String why) {
    return new SandboxUnavailableException(
        call.method().rpc() + ": the answer cannot be read: " + why, null, Effect.UNKNOWN, null);
  }

  /** Reads a message of an answer. */
  static <T extends Record> T message(ApiCall call, Answer answer, Class<T> type) {
    try {
      return ProtoJson.readTolerantly(answer.body(), type);
    } catch (SandboxValidationException e) {
      throw garbled(call, e.getMessage());
    }
  }

  private SandboxException lost(ApiCall call, Sent sent, IOException e) {
    String what = call.method().rpc() + " at " + settings.baseUrl().host() + ": ";
    Optional<String> remedy =
        e instanceof SSLException insecure && !sent.perhaps()
            ? Handshake.remedy(insecure)
            : Optional.empty();
    if (remedy.isPresent()) {
      return new SandboxException(
          what + "no secure connection: " + oneLine(e.getMessage()) + "; " + remedy.get(), e);
    } else if (!settings.baseUrl().isHttps() && Handshake.speaksTls(e)) {
      return new SandboxException(what + "it speaks TLS: is it --service=https://HOST:PORT?", e);
    }
    Effect effect = sent.perhaps() ? Effect.UNKNOWN : Effect.NONE;
    if (e instanceof InterruptedIOException && effect == Effect.UNKNOWN) {
      return new SandboxTimeoutException(
          what + "no answer within " + call.deadline().toMillis() + " ms", e);
    }
    LOG.debug("{} {} failed", call.method().rpc(), call.id(), e);
    return new SandboxUnavailableException(what + e, e, effect, null);
  }

  private static String oneLine(String text) {
    return String.valueOf(text).strip().replaceAll("\\s+", " ");
  }

  private static String shorten(String id) {
    String shown = id.length() > 80 ? id.substring(0, 80) + "…" : id;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }

  HttpUrl baseUrl() {
    return settings.baseUrl();
  }

  /** For tests: what is still open. */
  List<Integer> open() {
    return List.of(
        client.dispatcher().runningCallsCount(),
        client.dispatcher().queuedCallsCount(),
        client.connectionPool().connectionCount() - client.connectionPool().idleConnectionCount());
  }

  @Override
  public void close() {
    closed = true;
    client.dispatcher().cancelAll();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
