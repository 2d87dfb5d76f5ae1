package io.sandbeam.service.http;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.PrepareHeaders;
import io.sandbeam.service.http.wire.Query;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Images, which only a Sandbeam server makes ready beforehand; see {@link PrepareHeaders}. */
final class PrepareCalls implements AutoCloseable {
  /** Above what any service gives a pull. */
  private static final Duration LONGEST = Duration.ofHours(1);

  /** The server takes its time over each answer; this is for one that does not. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Api api;
  private final ScheduledExecutorService scheduler;
  private final Duration callTimeout;
  private final Duration longest;
  private final Set<Asking> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  PrepareCalls(Api api, ScheduledExecutorService scheduler, Duration callTimeout) {
    this(api, scheduler, callTimeout, LONGEST);
  }

  /**
   * @param longest after which an image that is still on its way is not waited for any more
   */
  PrepareCalls(
      Api api, ScheduledExecutorService scheduler, Duration callTimeout, Duration longest) {
    this.api = api;
    this.scheduler = scheduler;
    this.callTimeout = callTimeout;
    this.longest = longest;
  }

  /**
   * Asks until the image is there, refused, or not to be told about. Cancelling stops the asking.
   *
   * @param image empty means the server's default
   */
  CompletableFuture<Void> prepare(Optional<String> image) {
    return PrepareHeaders.write(image)
        .map(header -> new Asking(image, call(header)).start())
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /** Who waits is told that nobody asks any more: a timer drops what it has not begun. */
  @Override
  public void close() {
    closed = true;
    open.forEach(one -> one.result.completeExceptionally(isClosed(null)));
  }

  private static SandboxException isClosed(Throwable cause) {
    return new SandboxException("This client is closed, and asks for no image", cause);
  }

  private ApiCall call(String header) {
    Query query =
        Query.of(ApiMethod.LIST_SANDBOXES)
            .add("pageSize", 1)
            .addAll("tags", List.of(PrepareHeaders.TAG))
            .build();
    // The server waits on purpose: that is not its being slow.
    return ApiCall.of(ApiMethod.LIST_SANDBOXES, "", callTimeout.plus(PrepareHeaders.LONGEST_WAIT))
        .withQuery(query)
        .withHeaders(Map.of(PrepareHeaders.NAME, header));
  }

  private enum Told {
    /** Ready, or the server cannot tell. */
    ENOUGH,
    PENDING
  }

  private static Told read(ApiCall call, Transport.Answer answer) {
    String said = answer.headers().get(PrepareHeaders.NAME);
    if (said == null) {
      return Told.ENOUGH;
    }
    return switch (said) {
      case PrepareHeaders.READY -> Told.ENOUGH;
      case PrepareHeaders.PENDING -> Told.PENDING;
      default -> throw Transport.garbled(call, "its " + PrepareHeaders.NAME + " is '" + said + "'");
    };
  }

  private final class Asking {
    private final Optional<String> image;
    private final ApiCall call;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private final long since = System.nanoTime();

    Asking(Optional<String> image, ApiCall call) {
      this.image = image;
      this.call = call;
    }

    CompletableFuture<Void> start() {
      open.add(this);
      Futures.end(result, (there, failure) -> open.remove(this));
      if (closed) {
        result.completeExceptionally(isClosed(null));
      }
      ask();
      return result;
    }

    private void ask() {
      if (result.isDone()) {
        return;
      }
      CompletableFuture<Told> told =
          api.ask(call, Repeating.Safety.REPEATABLE, answer -> read(call, answer));
      Futures.onCancel(result, () -> told.cancel(true));
      Futures.end(told, this::told);
    }

    private void told(Told told, Throwable failure) {
      if (failure != null) {
        failed(failure);
      } else if (told == Told.ENOUGH) {
        result.complete(null);
      } else if (System.nanoTime() - since > longest.toNanos()) {
        result.completeExceptionally(
            new SandboxUnavailableException(
                image.map(name -> "Image '" + name + "'").orElse("The server's default image")
                    + " is still on its way after "
                    + longest,
                null,
                Effect.NONE,
                null));
      } else {
        askLater();
      }
    }

    private void askLater() {
      try {
        Future<?> unused = scheduler.schedule(this::ask, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        result.completeExceptionally(isClosed(e));
      }
    }

    private void failed(Throwable failure) {
      Optional<SandboxValidationException> refusal = refusal(failure);
      if (refusal.isPresent()) {
        result.completeExceptionally(refusal.get());
      } else if (saysNothingOfImages(failure)) {
        result.complete(null);
      } else {
        result.completeExceptionally(failure);
      }
    }
  }

  /** In the words of the service: that it was told in a list is nobody's business. */
  private static Optional<SandboxValidationException> refusal(Throwable failure) {
    return failure instanceof SandboxValidationException e
        ? e.violations().stream()
            .filter(violation -> violation.field().equals(PrepareHeaders.FIELD))
            .findFirst()
            .map(
                violation -> {
                  SandboxValidationException plain =
                      new SandboxValidationException(violation.field(), violation.description());
                  plain.initCause(failure);
                  return plain;
                })
        : Optional.empty();
  }

  /** A server of somebody else need not have lists, or lists by tags. */
  private static boolean saysNothingOfImages(Throwable failure) {
    return failure instanceof SandboxUnsupportedException
        || failure instanceof SandboxNotFoundException
        || failure instanceof SandboxValidationException
        || failure.getClass() == SandboxException.class;
  }
}
