package io.sandbeam.server;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates that take longer than their callers should wait, such as one that pulls an image: v1
 * answers a create at once, and the caller polls. Where the service knows the id beforehand, the
 * caller is told of a sandbox that is CREATING; if it cannot be made, it ends as FAILED. Deleted
 * meanwhile, it is ended as soon as it is made. Thread-safe.
 */
final class Promises {
  private static final Logger LOG = LoggerFactory.getLogger(Promises.class);

  /** Usual starts take less, and their callers need not poll. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private enum Wanted {
    YES,
    NO
  }

  private final SandboxService service;
  private final Ledger ledger;
  private final Clock clock;
  private final ScheduledExecutorService scheduler;
  private final Map<String, Wanted> open = new ConcurrentHashMap<>();

  Promises(SandboxService service, Ledger ledger, Clock clock, ScheduledExecutorService scheduler) {
    this.service = service;
    this.ledger = ledger;
    this.clock = clock;
    this.scheduler = scheduler;
  }

  /**
   * What a create is answered with: what it made, or what it is about to make.
   *
   * @param made completes when the create has been noted in the ledger
   * @param requestId of the service's create
   * @param origin for the ledger
   */
  CompletableFuture<SandboxInfo> answer(
      CompletableFuture<SandboxInfo> made, RequestId requestId, Origin origin, SandboxSpec spec) {
    Optional<String> id = service.idFor(requestId);
    if (id.isEmpty()) {
      return made;
    }
    CompletableFuture<SandboxInfo> answer = made.copy();
    Runnable late =
        () -> {
          if (made.isDone()) {
            return;
          }
          SandboxInfo promise = creating(id.get(), ledger.server().mark(spec));
          open.put(promise.id(), Wanted.YES);
          ledger.promised(origin, promise);
          var unused = made.whenComplete((info, failure) -> settle(promise.id(), failure));
          answer.complete(promise);
        };
    Future<?> patience = scheduler.schedule(late, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    var unused = made.whenComplete((info, failure) -> patience.cancel(false));
    return answer;
  }

  private SandboxInfo creating(String id, SandboxSpec spec) {
    return new SandboxInfo(
        id,
        spec,
        SandboxState.CREATING,
        "",
        clock.instant(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        spec.maxLifetime(),
        "",
        Map.of());
  }

  /** Whether it is still being made; then it will be deleted at once. */
  boolean withdraw(String id) {
    boolean withdrawn = open.computeIfPresent(id, (same, was) -> Wanted.NO) != null;
    if (withdrawn) {
      ledger.unwanted(id);
    }
    return withdrawn;
  }

  /** What is wanted, carries all these tags, and is not known to the service yet. */
  List<String> tagged(Set<Tag> tags) {
    return ledger
        .after(
            0,
            entry ->
                entry.onlyPromised()
                    && open.get(entry.id()) == Wanted.YES
                    && entry.info().spec().tags().containsAll(tags),
            Integer.MAX_VALUE)
        .stream()
        .map(LedgerEntry::id)
        .toList();
  }

  private void settle(String id, Throwable failure) {
    boolean unwanted = open.remove(id) == Wanted.NO;
    Throwable why = failure == null ? null : Futures.cause(failure);
    boolean mayExist =
        why == null || (why instanceof SandboxException e && e.effect() == Effect.UNKNOWN);
    if (why != null) {
      LOG.warn("Sandbox {}, which its caller was told of, could not be made", id, why);
    }
    if (mayExist) {
      ledger.settled(id);
    } else {
      ledger.notMade(id, "It could not be made: " + why.getMessage());
    }
    if (mayExist && unwanted) {
      delete(id);
    }
  }

  private void delete(String id) {
    var unused =
        service
            .delete(DeleteRequest.of(id).withMissingOk(MissingOk.YES))
            .whenComplete(
                (deleted, failure) -> {
                  if (failure == null) {
                    deleted.sandbox().ifPresent(ledger::seen);
                  } else {
                    LOG.error(
                        "Sandbox {} was deleted before it was made, and cannot be ended now; its"
                            + " lifetime ends it",
                        id,
                        Futures.cause(failure));
                  }
                });
  }
}
