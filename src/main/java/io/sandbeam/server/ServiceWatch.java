package io.sandbeam.server;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ShowTerminated;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the ledger true: lists what lives again and again, and asks for each sandbox that lives in
 * the ledger and is not in the list. Now and then it looks at the records of ended ones, too, to
 * learn which of them the service has forgotten. Thread-safe; two looks never run at once.
 */
final class ServiceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceWatch.class);
  private static final int PAGE = 500;

  /** The first look is at everything, and then one in so many: ended records change slowly. */
  private static final int ALL_EVERY = 30;

  private final SandboxService service;
  private final Ledger ledger;
  private final Clock clock;
  private final Duration retention;

  // Guarded by this.
  private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
  private int looks;
  private volatile boolean healthy = true;

  ServiceWatch(SandboxService service, Ledger ledger, Clock clock, Duration retention) {
    this.service = service;
    this.ledger = ledger;
    this.clock = clock;
    this.retention = retention;
  }

  /** Looks again and again, until the scheduler ends. */
  void every(Duration period, ScheduledExecutorService scheduler) {
    var unused =
        scheduler.scheduleWithFixedDelay(
            this::lookAgain, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A scheduler drops what throws once. */
  private void lookAgain() {
    try {
      var unused = look();
    } catch (RuntimeException e) {
      LOG.error("The service could not be looked at", e);
    }
  }

  /** Whether the service answered the last look. */
  boolean healthy() {
    return healthy;
  }

  /** Looks once, or joins the look under way. The future never fails: see {@link #healthy}. */
  synchronized CompletableFuture<Void> look() {
    if (running.isDone()) {
      ShowTerminated show = looks++ % ALL_EVERY == 0 ? ShowTerminated.YES : ShowTerminated.NO;
      Set<String> seen = new HashSet<>();
      ListRequest all = ListRequest.tagged(List.of()).withShowTerminated(show).withPageSize(PAGE);
      running =
          walk(all, seen, new HashSet<>())
              .thenCompose(done -> askForTheRest(seen, show))
              .handle(
                  (done, failure) -> {
                    note(failure);
                    return null;
                  });
    }
    return running;
  }

  private void note(Throwable failure) {
    ledger.forgetEndedBefore(clock.instant().minus(retention));
    if (failure != null && healthy) {
      LOG.error("The service cannot be listed; records may lag behind until it can", failure);
    } else if (failure == null && !healthy) {
      LOG.info("The service can be listed again");
    }
    healthy = failure == null;
  }

  private CompletableFuture<Void> walk(ListRequest request, Set<String> seen, Set<String> tokens) {
    return service
        .list(request)
        .thenCompose(
            page -> {
              for (SandboxInfo info : page.sandboxes()) {
                seen.add(info.id());
                ledger.seen(info);
              }
              return page.nextPageToken()
                  .map(
                      token -> {
                        if (!tokens.add(token)) {
                          throw new SandboxException("The pages of the service go in a circle");
                        }
                        return walk(request.withPageToken(token), seen, tokens);
                      })
                  .orElseGet(() -> CompletableFuture.completedFuture(null));
            });
  }

  private CompletableFuture<Void> askForTheRest(Set<String> seen, ShowTerminated shown) {
    List<LedgerEntry> unseen =
        ledger.after(
            0,
            entry ->
                entry.source() == LedgerEntry.Source.SERVICE
                    && (entry.live() || shown == ShowTerminated.YES)
                    && !seen.contains(entry.id()),
            Integer.MAX_VALUE);
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (LedgerEntry entry : unseen) {
      all = all.thenCompose(done -> ask(entry.id()));
    }
    return all;
  }

  private CompletableFuture<Void> ask(String id) {
    return service
        .get(id)
        .handle(
            (info, failure) -> {
              if (failure == null) {
                ledger.seen(info);
              } else if (Futures.cause(failure) instanceof SandboxNotFoundException) {
                ledger.forgottenByService(id);
              } else {
                throw new CompletionException(Futures.cause(failure));
              }
              return null;
            });
  }
}
