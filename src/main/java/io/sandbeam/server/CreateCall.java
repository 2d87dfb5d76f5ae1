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
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.SpecReader;
import io.sandbeam.service.http.wire.V1;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CreateSandbox, and what every create does: once for each request id of a caller, within the
 * quotas, marked as the caller's and this server's. Thread-safe.
 */
final class CreateCall {
  private static final Logger LOG = LoggerFactory.getLogger(CreateCall.class);

  private final SandboxService service;
  private final Ledger ledger;
  private final Quota quota;
  private final ServiceWatch watch;
  private final Admission admission;
  private final Promises promises;
  private final BooleanSupplier draining;
  private final Shown shown;
  private final Map<String, Pending> pending = new ConcurrentHashMap<>();

  private record Pending(String fingerprint, CompletableFuture<SandboxInfo> answer) {}

  /**
   * What is to be made.
   *
   * @param spec admitted
   * @param template that it came from, if from one
   */
  record Plan(SandboxSpec spec, Optional<SourceTemplate> template) {}

  CreateCall(
      SandboxService service,
      Ledger ledger,
      Quota quota,
      ServiceWatch watch,
      Admission admission,
      Promises promises,
      BooleanSupplier draining) {
    this.service = service;
    this.ledger = ledger;
    this.quota = quota;
    this.watch = watch;
    this.admission = admission;
    this.promises = promises;
    this.shown = new Shown(ledger);
    this.draining = draining;
  }

  CompletableFuture<ApiAnswer> create(ApiRequest request) {
    Caller caller = request.caller();
    SandboxSpec spec =
        admission.admit(caller, request.body(V1.Sandbox.class).spec(), SpecReader.CREATED);
    return create(
        caller,
        request.query().string("requestId"),
        () -> Fingerprint.message(spec),
        () -> new Plan(spec, Optional.empty()));
  }

  /**
   * Makes a sandbox, unless the request id has made it before.
   *
   * @param requestId empty for none
   * @param asked what the request id stands for: with another message it is refused
   * @param plan asked only when there is something to make; may throw what {@link Failures} tells
   */
  CompletableFuture<ApiAnswer> create(
      Caller caller, String requestId, Supplier<Record> asked, Supplier<Plan> plan) {
    CompletableFuture<SandboxInfo> created =
        requestId.isEmpty()
            ? createNew(caller, plan.get(), Optional.empty(), "")
            : createOnce(caller, new RequestId(requestId), asked.get(), plan);
    return created.thenApply(info -> ApiAnswer.of(shown.whole(info)));
  }

  /** Calls with one request id go one after another: the first does the work, the others join. */
  private CompletableFuture<SandboxInfo> createOnce(
      Caller caller, RequestId requestId, Record asked, Supplier<Plan> plan) {
    String key = Fingerprint.scoped(caller, requestId.value());
    String fingerprint = Fingerprint.of(asked);
    Pending mine = new Pending(fingerprint, new CompletableFuture<>());
    Pending first = pending.putIfAbsent(key, mine);
    if (first != null) {
      return Fingerprint.matches(first.fingerprint(), asked)
          ? first.answer().copy()
          : CompletableFuture.failedFuture(new SandboxAlreadyExistsException(requestId));
    }
    CompletableFuture<SandboxInfo> work;
    try {
      work =
          ledger
              .byRequest(key)
              .map(entry -> again(entry, asked, requestId))
              .orElseGet(() -> createNew(caller, plan.get(), Optional.of(key), fingerprint));
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
      LedgerEntry entry, Record asked, RequestId requestId) {
    if (!Fingerprint.matches(entry.origin().fingerprint(), asked)) {
      return CompletableFuture.failedFuture(new SandboxAlreadyExistsException(requestId));
    }
    return Futures.recover(
        service.get(entry.id()),
        SandboxNotFoundException.class,
        gone -> CompletableFuture.completedFuture(entry.info()));
  }

  private CompletableFuture<SandboxInfo> createNew(
      Caller caller, Plan plan, Optional<String> key, String fingerprint) {
    SandboxSpec spec = plan.spec();
    if (draining.getAsBoolean()) {
      return CompletableFuture.failedFuture(
          new SandboxUnavailableException(
              "The server is stopping and creates nothing", null, Effect.NONE, null));
    }
    Optional<Tag> over = sealed(caller, spec);
    if (over.isPresent()) {
      return CompletableFuture.failedFuture(new SandboxSealedException(over.get()));
    }
    Origin origin = new Origin(caller.name(), key, fingerprint, plan.template());
    long weight = SpecWeight.of(spec);
    RequestId requestId = key.map(RequestId::new).orElseGet(RequestId::mint);
    return reserve(caller, weight)
        .thenCompose(
            place ->
                promises
                    .answer(
                        service
                            .create(ledger.server().mark(spec), requestId)
                            .thenCompose(info -> note(caller, origin, info)),
                        requestId,
                        origin,
                        spec)
                    .whenComplete((info, failure) -> quota.release(caller, weight)));
  }

  /**
   * Keeps what was made, unless its job is over. Every list knows the sandbox by now: so whoever
   * seals the job and then lists either finds it, or is seen here.
   */
  private CompletableFuture<SandboxInfo> note(Caller caller, Origin origin, SandboxInfo info) {
    Optional<Tag> over = sealed(caller, info.spec());
    ledger.created(over.isEmpty() ? origin : origin.withoutRequest(), info);
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
