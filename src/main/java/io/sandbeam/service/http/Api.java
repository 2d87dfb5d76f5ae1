package io.sandbeam.service.http;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.http.wire.ApiMethod;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/** Calls with their repetitions, from a message out to a value in. */
final class Api {
  private final Transport transport;
  private final Repeating repeating;
  private final Duration callTimeout;

  Api(Transport transport, Repeating repeating, Duration callTimeout) {
    this.transport = transport;
    this.repeating = repeating;
    this.callTimeout = callTimeout;
  }

  /** A call with the usual deadline. */
  ApiCall call(ApiMethod method, String id) {
    return ApiCall.of(method, id, callTimeout);
  }

  /** Makes a call, and reads its message; a reader that throws fails the try. */
  <W extends Record, T> CompletableFuture<T> ask(
      ApiCall call, Repeating.Safety safety, Class<W> type, Function<W, T> read) {
    return ask(call, safety, answer -> read.apply(Transport.message(call, answer, type)));
  }

  /** As the other, for an answer that says more than its message. */
  <T> CompletableFuture<T> ask(
      ApiCall call, Repeating.Safety safety, Function<Transport.Answer, T> read) {
    return repeating.run(
        call.method().rpc() + " " + call.id(),
        safety,
        () -> {
          CompletableFuture<Transport.Answer> sent = transport.send(call);
          CompletableFuture<T> answer = new CompletableFuture<>();
          Futures.end(
              sent,
              (got, failure) -> {
                if (failure != null) {
                  answer.completeExceptionally(failure);
                  return;
                }
                try {
                  answer.complete(read.apply(got));
                } catch (RuntimeException e) {
                  answer.completeExceptionally(e);
                }
              });
          Futures.onCancel(answer, () -> sent.cancel(true));
          return answer;
        });
  }

  /** What is missing, and may be, is an answer. */
  static <T> CompletableFuture<T> absent(
      CompletableFuture<T> call, Predicate<Throwable> missing, T instead) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Futures.end(
        call,
        (value, failure) -> {
          if (failure == null) {
            result.complete(value);
          } else if (missing.test(failure)) {
            result.complete(instead);
          } else {
            result.completeExceptionally(failure);
          }
        });
    Futures.onCancel(result, () -> call.cancel(true));
    return result;
  }

  /** A page that names itself as the next one would be read for ever. */
  static Optional<String> next(ApiCall call, Optional<String> asked, String next) {
    if (!next.isEmpty() && asked.equals(Optional.of(next))) {
      throw new SandboxException(
          call.method().rpc() + ": the pages go round in a circle: one names itself as the next");
    }
    return next.isEmpty() ? Optional.empty() : Optional.of(next);
  }
}
