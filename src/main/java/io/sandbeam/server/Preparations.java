package io.sandbeam.server;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Images that the service is making ready, which may take minutes: all who ask for one meanwhile
 * share it, whoever they are, and are answered in time all the same. How many may be on their way,
 * of one caller and in all, is bounded. Thread-safe.
 */
final class Preparations {
  /** How far an image is. */
  enum Progress {
    READY,
    /** On its way: ask again. */
    PENDING
  }

  private final SandboxService service;
  private final Budget budget;
  private final Duration patience;
  private final ScheduledExecutorService scheduler;
  private final BooleanSupplier draining;
  private final Map<Optional<String>, Preparation> underWay = new ConcurrentHashMap<>();

  /**
   * @param budget of images on their way; who asks for one first pays for it
   * @param patience after which an asker is told that its image is still on its way
   */
  Preparations(
      SandboxService service,
      Budget budget,
      Duration patience,
      ScheduledExecutorService scheduler,
      BooleanSupplier draining) {
    this.service = service;
    this.budget = budget;
    this.patience = patience;
    this.scheduler = scheduler;
    this.draining = draining;
  }

  /**
   * Has an image made ready. Fails as {@link SandboxService#prepare}, and with {@link
   * SandboxResourceExhaustedException} when too many are on their way.
   *
   * @param image empty means the service's default
   */
  CompletableFuture<Progress> prepare(Caller caller, Optional<String> image) {
    if (draining.getAsBoolean()) {
      return CompletableFuture.failedFuture(
          new SandboxUnavailableException(
              "The server is stopping and fetches no image", null, Effect.NONE, null));
    }
    Preparation known = underWay.get(image);
    if (known != null) {
      return known.progress();
    }
    Budget.Share share = budget.take(caller, 1);
    Preparation mine = new Preparation();
    Preparation others = underWay.putIfAbsent(image, mine);
    if (others != null) {
      share.close();
      return others.progress();
    }
    var unused =
        asked(image)
            .whenComplete(
                (ready, failure) -> {
                  share.close();
                  mine.end(failure);
                  underWay.remove(image);
                });
    return mine.progress();
  }

  private CompletableFuture<Void> asked(Optional<String> image) {
    try {
      return service.prepare(image);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private final class Preparation {
    private final CompletableFuture<Progress> end = new CompletableFuture<>();
    private CompletableFuture<Progress> round = CompletableFuture.completedFuture(Progress.PENDING);

    /** All who ask within a round are answered together, so that few futures hang on a long end. */
    synchronized CompletableFuture<Progress> progress() {
      if (round.isDone()) {
        CompletableFuture<Progress> next = end.copy();
        Future<?> timer =
            scheduler.schedule(
                () -> next.complete(Progress.PENDING), patience.toMillis(), TimeUnit.MILLISECONDS);
        var unused = next.whenComplete((progress, failure) -> timer.cancel(false));
        round = next;
      }
      return round;
    }

    void end(Throwable failure) {
      if (failure == null) {
        end.complete(Progress.READY);
      } else {
        end.completeExceptionally(Futures.cause(failure));
      }
    }
  }
}
