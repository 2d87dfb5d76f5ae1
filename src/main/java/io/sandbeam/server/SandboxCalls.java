package io.sandbeam.server;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.PurgeResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.V1;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** GetSandbox, DeleteSandbox, PurgeSandboxes. Thread-safe. */
final class SandboxCalls {
  /** Longer grace periods are cut to this one, as the public SDKs expect. */
  private static final Duration LONGEST_GRACE = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(SandboxCalls.class);

  private final SandboxService service;
  private final Ledger ledger;
  private final ServiceWatch watch;
  private final Reach reach;
  private final Promises promises;
  private final Shown shown;

  SandboxCalls(
      SandboxService service, Ledger ledger, ServiceWatch watch, Reach reach, Promises promises) {
    this.service = service;
    this.ledger = ledger;
    this.watch = watch;
    this.reach = reach;
    this.promises = promises;
    this.shown = new Shown(ledger);
  }

  CompletableFuture<ApiAnswer> get(ApiRequest request) {
    String id = request.id();
    return reach
        .sandbox(request.caller(), id)
        .thenCompose(
            reachable ->
                Futures.recover(
                    service.get(id).thenApply(this::seen),
                    SandboxNotFoundException.class,
                    gone -> recorded(id, gone)))
        .thenApply(info -> ApiAnswer.of(shown.whole(info)));
  }

  CompletableFuture<ApiAnswer> delete(ApiRequest request) {
    DeleteRequest asked = deleteRequest(request);
    CompletableFuture<DeleteResult> deleted =
        reach
            .sandbox(request.caller(), request.id())
            .thenCompose(reachable -> deleteReachable(request.id(), asked));
    if (asked.missingOk() == MissingOk.YES) {
      deleted =
          Futures.recover(
              deleted,
              SandboxNotFoundException.class,
              gone ->
                  CompletableFuture.completedFuture(new DeleteResult(Optional.empty(), List.of())));
    }
    return Fingerprint.named(request.query().string("requestId"), deleted)
        .thenApply(result -> answer(request, result));
  }

  private CompletableFuture<DeleteResult> deleteReachable(String id, DeleteRequest asked) {
    // First, so that what is made meanwhile goes by the one way or the other.
    promises.withdraw(id);
    return Futures.recover(
        service.delete(asked.withMissingOk(MissingOk.NO)).thenApply(this::seen),
        SandboxNotFoundException.class,
        gone ->
            recorded(id, gone).thenApply(info -> new DeleteResult(Optional.of(info), List.of())));
  }

  /** What the service itself tells; a record of the ledger is none. */
  private SandboxInfo seen(SandboxInfo info) {
    ledger.seen(info);
    return info;
  }

  private DeleteResult seen(DeleteResult result) {
    result.sandbox().ifPresent(ledger::seen);
    return result;
  }

  private ApiAnswer answer(ApiRequest request, DeleteResult result) {
    String owner = ledger.get(request.id()).map(LedgerEntry::owner).orElse(request.caller().name());
    result.snapshotIds().forEach(id -> ledger.snapshotTaken(id, owner));
    return ApiAnswer.of(
        new V1.DeleteSandboxResponse(
            result.sandbox().map(shown::whole).orElse(null), result.snapshotIds()));
  }

  private static DeleteRequest deleteRequest(ApiRequest request) {
    Query query = request.query();
    int grace = query.int32("gracePeriodSeconds");
    if (grace < 0) {
      throw new SandboxValidationException(
          "gracePeriodSeconds", "Invalid gracePeriodSeconds " + grace + ": it is negative");
    }
    List<String> volumes = query.strings("snapshotVolumes");
    for (String volume : volumes) {
      requireScratchVolume("snapshotVolumes", volume);
    }
    Duration period = Duration.ofSeconds(grace);
    DeleteRequest asked =
        DeleteRequest.of(Reach.requireId("sandboxId", request.id()))
            .withGrace(period.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : period)
            .withMissingOk(query.bool("allowMissing") ? MissingOk.YES : MissingOk.NO);
    if (volumes.isEmpty()) {
      return asked;
    }
    String given = query.string("requestId");
    RequestId receipt =
        given.isEmpty()
            ? RequestId.mint()
            : new RequestId(Fingerprint.scoped(request.caller(), new RequestId(given).value()));
    return asked.withSnapshotOf(volumes, receipt);
  }

  static void requireScratchVolume(String field, String volume) {
    if (!volume.equals(SandboxSpec.SCRATCH_VOLUME)) {
      throw new SandboxValidationException(
          field,
          "Invalid "
              + field
              + ": a sandbox here has the one volume '"
              + SandboxSpec.SCRATCH_VOLUME
              + "'");
    }
  }

  CompletableFuture<ApiAnswer> purge(ApiRequest request) {
    V1.PurgeSandboxesRequest body = request.body(V1.PurgeSandboxesRequest.class);
    if (!body.requestId().isEmpty()) {
      throw new SandboxUnsupportedException("Not implemented: requestId of a purge is reserved");
    }
    if (body.tags().isEmpty() != body.purgeAll()) {
      throw new SandboxValidationException(
          "tags", "A purge names tags, or says purgeAll, and never both or neither");
    }
    Set<Tag> tags = Reach.filter(request.caller(), ListCall.tags(body.tags()));
    PurgeRequest purge =
        new PurgeRequest(
            new LinkedHashSet<>(tags),
            tags.isEmpty() ? PurgeRequest.Scope.ALL : PurgeRequest.Scope.TAGGED,
            body.dryRun() ? DryRun.YES : DryRun.NO);
    List<String> perhapsMade = promises.tagged(purge.tags());
    return lookedFor(perhapsMade)
        .thenCompose(
            looked -> {
              int promised = promised(purge, perhapsMade);
              return service
                  .purge(purge)
                  .thenCompose(
                      result -> noticed(purge).thenApply(done -> answer(result, promised)));
            });
  }

  /** Some of what was promised may be made by now, or over: the service counts that. */
  private CompletableFuture<Void> lookedFor(List<String> promised) {
    return CompletableFuture.allOf(
        promised.stream().map(this::lookedFor).toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> lookedFor(String id) {
    return service
        .get(id)
        .handle(
            (info, failure) -> {
              if (failure == null) {
                ledger.seen(info);
              } else if (!(Futures.cause(failure) instanceof SandboxNotFoundException)) {
                LOG.warn("A purge counts {} as still being made", id, failure);
              }
              return null;
            });
  }

  /** How many more there are that the service is still making. */
  private int promised(PurgeRequest purge, List<String> perhapsMade) {
    List<String> ids = promises.tagged(purge.tags());
    if (purge.dryRun() == DryRun.NO) {
      // Those, too, that the service counts: should its purge fail, their creates end them.
      perhapsMade.forEach(promises::withdraw);
      ids.forEach(promises::withdraw);
    }
    return ids.size();
  }

  /** What a purge ended is to be seen as such in the next list, also in the ledger's. */
  private CompletableFuture<Void> noticed(PurgeRequest purge) {
    return purge.dryRun() == DryRun.YES ? CompletableFuture.completedFuture(null) : watch.look();
  }

  private static ApiAnswer answer(PurgeResult result, int promised) {
    return ApiAnswer.of(
        new V1.PurgeSandboxesResponse(
            result.purgeCount() + promised,
            result.failedSandboxIds(),
            result.retryableFailedSandboxIds()));
  }

  /** What the ledger still knows of a sandbox that the service has forgotten. */
  private CompletableFuture<SandboxInfo> recorded(String id, SandboxNotFoundException gone) {
    ledger.forgottenByService(id);
    return ledger
        .get(id)
        .map(entry -> CompletableFuture.completedFuture(entry.info()))
        .orElseGet(() -> CompletableFuture.failedFuture(gone));
  }
}
