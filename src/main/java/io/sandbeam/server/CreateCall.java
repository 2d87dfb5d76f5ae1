package io.sandbeam.server;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.SpecReader;
import io.sandbeam.service.http.wire.V1;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CreateSandbox: once for each request id of a caller, within the quotas, marked as the caller's
 * and this server's. Thread-safe.
 */
final class CreateCall {
  private static final Logger LOG = LoggerFactory.getLogger(CreateCall.class);

  /** More than a kernel takes as arguments and variables of one program. */
  private static final long MOST_TEXT = 4L << 20;

  private final SandboxService service;
  private final Ledger ledger;
  private final Quota quota;
  private final ServiceWatch watch;
  private final Reach reach;
  private final Promises promises;
  private final Limits limits;
  private final BooleanSupplier draining;
  private final Map<String, Pending> pending = new ConcurrentHashMap<>();

  private record Pending(SandboxSpec spec, CompletableFuture<SandboxInfo> answer) {}

  CreateCall(
      SandboxService service,
      Ledger ledger,
      Quota quota,
      ServiceWatch watch,
      Reach reach,
      Promises promises,
      Limits limits,
      BooleanSupplier draining) {
    this.service = service;
    this.ledger = ledger;
    this.quota = quota;
    this.watch = watch;
    this.reach = reach;
    this.promises = promises;
    this.limits = limits;
    this.draining = draining;
  }

  CompletableFuture<ApiAnswer> create(ApiRequest request) {
    SandboxSpec spec = SpecReader.strictly(request.body(V1.Sandbox.class).spec());
    Reach.refuseOwnerTags("sandbox.spec.tags", spec.tags());
    if (SpecWeight.ofText(spec) > MOST_TEXT) {
      throw new SandboxValidationException(
          "sandbox.spec",
          "Invalid sandbox.spec: what it says besides its files is above " + MOST_TEXT + " bytes");
    }
    if (spec.maxLifetime().compareTo(limits.longestLifetime()) > 0) {
      throw new SandboxValidationException(
          "sandbox.spec.maxLifetimeSeconds",
          "Invalid lifetime "
              + spec.maxLifetime()
              + ": the longest here is "
              + limits.longestLifetime());
    }
    spec.restoreFrom().ifPresent(id -> reach.snapshot(request.caller(), id));
    SandboxSpec marked = OwnerTag.mark(spec, request.caller());
    String given = request.query().string("requestId");
    CompletableFuture<SandboxInfo> created =
        given.isEmpty()
            ? createNew(request.caller(), marked, Optional.empty())
            : createOnce(request.caller(), marked, new RequestId(given));
    return created.thenApply(info -> ApiAnswer.of(Shown.whole(info)));
  }

  /** Calls with one request id go one after another: the first does the work, the others join. */
  private CompletableFuture<SandboxInfo> createOnce(
      Caller caller, SandboxSpec spec, RequestId requestId) {
    String key = Fingerprint.scoped(caller, requestId.value());
    Pending mine = new Pending(spec, new CompletableFuture<>());
    Pending first = pending.putIfAbsent(key, mine);
    if (first != null) {
      return first.spec().equals(spec)
          ? first.answer().copy()
          : CompletableFuture.failedFuture(new SandboxAlreadyExistsException(requestId));
    }
    CompletableFuture<SandboxInfo> work;
    try {
      work =
          ledger
              .byRequest(key)
              .map(entry -> again(entry, spec, requestId))
              .orElseGet(() -> createNew(caller, spec, Optional.of(key)));
    } catch (RuntimeException e) {
      work = CompletableFuture.failedFuture(e);
    }
    return work.whenComplete(
        (info, failure) -> {
          pending.remove(key);
          if (failure == null) {
            mine.answer().complete(info);
          } else {
            mine.answer().completeExceptionally(Futures.cause(failure));
          }
        });
  }

  private CompletableFuture<SandboxInfo> again(
      LedgerEntry entry, SandboxSpec spec, RequestId requestId) {
    if (!Fingerprint.matches(entry.fingerprint(), spec)) {
      return CompletableFuture.failedFuture(new SandboxAlreadyExistsException(requestId));
    }
    return Futures.recover(
        service.get(entry.id()),
        SandboxNotFoundException.class,
        gone -> CompletableFuture.completedFuture(entry.info()));
  }

  private CompletableFuture<SandboxInfo> createNew(
      Caller caller, SandboxSpec spec, Optional<String> key) {
    if (draining.getAsBoolean()) {
      return CompletableFuture.failedFuture(
          new SandboxUnavailableException(
              "The server is stopping and creates nothing", null, Effect.NONE, null));
    }
    Optional<Tag> over = sealed(caller, spec);
    if (over.isPresent()) {
      return CompletableFuture.failedFuture(new SandboxSealedException(over.get()));
    }
    String fingerprint = key.isPresent() ? Fingerprint.of(spec) : "";
    long weight = SpecWeight.of(spec);
    RequestId requestId = key.map(RequestId::new).orElseGet(RequestId::mint);
    return reserve(caller, weight)
        .thenCompose(
            place ->
                promises
                    .answer(
                        service
                            .create(ledger.server().mark(spec), requestId)
                            .thenCompose(info -> note(caller, key, fingerprint, info)),
                        requestId,
                        caller,
                        key,
                        fingerprint,
                        spec)
                    .whenComplete((info, failure) -> quota.release(caller, weight)));
  }

  /**
   * Keeps what was made, unless its job is over. Every list knows the sandbox by now: so whoever
   * seals the job and then lists either finds it, or is seen here.
   */
  private CompletableFuture<SandboxInfo> note(
      Caller caller, Optional<String> key, String fingerprint, SandboxInfo info) {
    Optional<Tag> over = sealed(caller, info.spec());
    ledger.created(caller.name(), over.isEmpty() ? key : Optional.empty(), fingerprint, info);
    return over.isEmpty()
        ? CompletableFuture.completedFuture(info)
        : undo(info, new SandboxSealedException(over.get()));
  }

  private CompletableFuture<SandboxInfo> undo(SandboxInfo info, SandboxSealedException refusal) {
    return service
        .delete(DeleteRequest.of(info.id()).withMissingOk(MissingOk.YES))
        .handle(
            (deleted, failure) -> {
              if (failure != null) {
                LOG.error(
                    "Sandbox {} was made while its job was sealed, and cannot be deleted now; sweep"
                        + " the job again, or its lifetime ends it",
                    info.id(),
                    Futures.cause(failure));
              }
              throw refusal;
            });
  }

  private Optional<Tag> sealed(Caller caller, SandboxSpec spec) {
    return spec.jobs().stream().filter(job -> ledger.isSealed(caller, job)).findFirst();
  }

  /**
   * A place that looks taken may be free by now: the service is asked before anybody is refused.
   */
  private CompletableFuture<Void> reserve(Caller caller, long weight) {
    try {
      quota.reserve(caller, weight);
      return CompletableFuture.completedFuture(null);
    } catch (SandboxResourceExhaustedException full) {
      return watch.look().thenRun(() -> quota.reserve(caller, weight));
    }
  }
}
