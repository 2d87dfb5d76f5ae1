package io.sandbeam.simulation;

import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.ForwardingSandboxService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Mistakes that a product of this kind could make, to prove that the simulation finds them. */
enum Bug {
  NONE,
  /** A sweep that deletes what its first list shows, and says that this was all. */
  SWEEPS_ONE_LIST,
  /** A sweep that goes by the product's tag alone. */
  SWEEPS_OTHER_JOBS,
  /** An error while listing is read as "nothing there". */
  LIST_ERRORS_ARE_EMPTY,
  /** An error while reading a sandbox is read as "it is gone". */
  READ_ERRORS_ARE_GONE,
  /** A sweep that believes the job sealed, and has not sealed it. */
  FORGETS_THE_SEAL,
  /** A seal that failed is taken for held. */
  SEAL_ERRORS_ARE_SEALED,
  /** A create that failed ambiguously is taken for refused. */
  FORGETS_FAILED_CREATES,
  /** A delete that was accepted is taken for done, and one that failed, too. */
  FORGETS_FAILED_DELETES,
  /** One outcome in ten is lost on its way to the runner. */
  LOSES_OUTCOMES;

  /** What a process with this bug sees of the service. */
  SandboxService seenBy(Duty duty, SandboxService service) {
    return switch (this) {
      case LIST_ERRORS_ARE_EMPTY -> new EmptyForErrors(service);
      case READ_ERRORS_ARE_GONE ->
          duty.role() == Duty.Role.SWEEP ? new GoneForErrors(service) : service;
      case FORGETS_THE_SEAL -> new WithoutSealing(service);
      case SEAL_ERRORS_ARE_SEALED -> new SealedForErrors(service);
      case FORGETS_FAILED_CREATES ->
          duty.role() == Duty.Role.WORK ? new SureOfCreates(service) : service;
      case FORGETS_FAILED_DELETES ->
          duty.role() == Duty.Role.WORK ? new SureOfDeletes(service) : service;
      default -> service;
    };
  }

  CompletableFuture<SweepReport> run(
      Sweep sweep, SandboxService service, Duty duty, SimulatedProcess process) {
    return switch (this) {
      case SWEEPS_ONE_LIST -> once(service, duty.mayEnd(), process);
      case SWEEPS_OTHER_JOBS ->
          once(service, Set.of(Tag.PRODUCT), process).thenCompose(done -> sweep.run());
      default -> sweep.run();
    };
  }

  private static CompletableFuture<SweepReport> once(
      SandboxService service, Set<Tag> tags, SimulatedProcess process) {
    return service
        .list(ListRequest.tagged(tags))
        .thenApply(
            page -> {
              for (SandboxInfo info : page.sandboxes()) {
                CompletableFuture<?> unused =
                    service.delete(DeleteRequest.of(info.id()).withMissingOk(MissingOk.YES));
              }
              int count = page.sandboxes().size();
              return new SweepReport(
                  SweepReport.Outcome.EMPTY,
                  SweepReport.Sealing.UNSUPPORTED,
                  tags,
                  count,
                  count,
                  0,
                  0,
                  0,
                  0,
                  0,
                  List.of(),
                  1,
                  Duration.ZERO,
                  Set.of(),
                  List.of(),
                  process.now(),
                  Duration.ZERO,
                  DryRun.NO);
            });
  }

  private static final class EmptyForErrors extends ForwardingSandboxService {
    EmptyForErrors(SandboxService service) {
      super(service);
    }

    @Override
    public CompletableFuture<SandboxPage> list(ListRequest request) {
      return super.list(request)
          .exceptionally(failure -> new SandboxPage(List.of(), Optional.empty()));
    }
  }

  private static final class GoneForErrors extends ForwardingSandboxService {
    GoneForErrors(SandboxService service) {
      super(service);
    }

    @Override
    public CompletableFuture<SandboxInfo> get(String sandboxId) {
      return super.get(sandboxId)
          .exceptionally(
              failure -> {
                throw new CompletionException(new SandboxNotFoundException(sandboxId));
              });
    }
  }

  private static final class SealedForErrors extends ForwardingSandboxService {
    SealedForErrors(SandboxService service) {
      super(service);
    }

    @Override
    public CompletableFuture<Seal> seal(Tag job) {
      return super.seal(job).exceptionally(failure -> Seal.SEALED);
    }
  }

  private static final class WithoutSealing extends ForwardingSandboxService {
    WithoutSealing(SandboxService service) {
      super(service);
    }

    @Override
    public CompletableFuture<Seal> seal(Tag job) {
      return super.sealOf(job).thenApply(seal -> Seal.SEALED);
    }
  }

  private static final class SureOfCreates extends ForwardingSandboxService {
    SureOfCreates(SandboxService service) {
      super(service);
    }

    @Override
    public CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
      return super.create(spec, requestId)
          .exceptionally(
              failure -> {
                throw new CompletionException(
                    failure instanceof SandboxException known && known.effect() == Effect.UNKNOWN
                        ? new SandboxValidationException("spec", "refused")
                        : failure);
              });
    }
  }

  private static final class SureOfDeletes extends ForwardingSandboxService {
    SureOfDeletes(SandboxService service) {
      super(service);
    }

    @Override
    public CompletableFuture<io.sandbeam.service.DeleteResult> delete(DeleteRequest request) {
      return super.delete(request)
          .handle(
              (done, failure) -> new io.sandbeam.service.DeleteResult(Optional.empty(), List.of()));
    }
  }
}
