package io.sandbeam.server;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.SandboxService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends every sandbox that was created through the server, or through its predecessor with the same
 * records, and waits until it is gone. Those of another server of the same service are left alone.
 */
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
  private static final Duration ASK_EVERY = Duration.ofMillis(100);

  private final SandboxService service;
  private final Ledger ledger;
  private final ServiceWatch watch;
  private final Promises promises;
  private final ScheduledExecutorService scheduler;

  Shutdown(
      SandboxService service,
      Ledger ledger,
      ServiceWatch watch,
      Promises promises,
      ScheduledExecutorService scheduler) {
    this.service = service;
    this.ledger = ledger;
    this.watch = watch;
    this.promises = promises;
    this.scheduler = scheduler;
  }

  /** The ids that could not be ended in time; empty means nothing is left. */
  List<String> endAll(Duration most) throws InterruptedException {
    try {
      watch
          .look()
          .thenCompose(looked -> deleteAll())
          .thenCompose(asked -> untilNoneLives())
          .get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.error("Not all sandboxes could be ended within {}", most, e);
    }
    return live();
  }

  /** The ids of what was created through the server and lives. */
  List<String> live() {
    return ledger.after(0, this::ours, Integer.MAX_VALUE).stream().map(LedgerEntry::id).toList();
  }

  /** Sandboxes that others created in the same service are theirs to end. */
  private boolean ours(LedgerEntry entry) {
    return entry.live() && ledger.server().marks(entry.info().spec());
  }

  private CompletableFuture<Void> deleteAll() {
    return CompletableFuture.allOf(
        live().stream().map(this::delete).toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> delete(String id) {
    boolean withdrawn = promises.withdraw(id);
    return service
        .delete(DeleteRequest.of(id).withMissingOk(MissingOk.YES))
        .handle(
            (result, failure) -> {
              if (failure == null) {
                result.sandbox().ifPresentOrElse(ledger::seen, () -> gone(id, withdrawn));
              } else {
                LOG.warn("Sandbox {} not deleted yet", id, failure);
              }
              return null;
            });
  }

  /** The end of the service ends what it is still making. */
  private void gone(String id, boolean withdrawn) {
    if (withdrawn) {
      ledger.notMade(id, "The server stopped before it was made");
    } else {
      ledger.forgottenByService(id);
    }
  }

  private CompletableFuture<Void> untilNoneLives() {
    if (live().isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> later = new CompletableFuture<>();
    var unused =
        scheduler.schedule(() -> lookAgain(later), ASK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return later;
  }

  private void lookAgain(CompletableFuture<Void> later) {
    var unused =
        watch
            .look()
            .thenCompose(looked -> untilNoneLives())
            .whenComplete(
                (none, failure) -> {
                  if (failure == null) {
                    later.complete(null);
                  } else {
                    later.completeExceptionally(failure);
                  }
                });
  }
}
