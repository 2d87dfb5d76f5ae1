package io.sandbeam.service.docker;

import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSnapshotException.Reason;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.leased.Channel;
import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.KeptOutput;
import io.sandbeam.service.leased.SnapshotRules;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Takes and restores archives of {@code /workspace}, by tar inside the sandbox. One that is under
 * way is nobody's until it is whole: the call that takes it is answered then.
 */
final class Snapshots {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final int ERRORS_KEPT = 2000;
  private static final int NO_TAR = 127;
  private static final String PREFIX = "snap-";

  private final Context context;
  private final SnapshotStore store;
  private final Map<String, CompletableFuture<Snapshot>> underWay = new LinkedHashMap<>();

  Snapshots(Context context) {
    this.context = context;
    this.store = new SnapshotStore(context.engine());
  }

  static boolean isId(String id) {
    return id != null && id.matches(PREFIX + "[0-9a-f]{40}");
  }

  static String idOf(RequestId requestId) {
    return PREFIX + Secret.hash(requestId.value());
  }

  /** Takes one; asking again with one request id gives the first. Blocks while it looks. */
  CompletableFuture<Snapshot> take(
      DockerSandbox sandbox, SnapshotRequest request, Snapshot.Trigger trigger) {
    SnapshotRules.checkVolume(request.volume());
    String id = idOf(request.requestId());
    Optional<Snapshot> before = store.find(id);
    if (before.isPresent()) {
      if (!before.get().sourceSandboxId().equals(sandbox.id())) {
        throw new SandboxAlreadyExistsException(request.requestId());
      }
      return CompletableFuture.completedFuture(before.get());
    }
    CompletableFuture<Snapshot> taken = new CompletableFuture<>();
    synchronized (underWay) {
      CompletableFuture<Snapshot> other = underWay.putIfAbsent(id, taken);
      if (other != null) {
        return other;
      }
    }
    var unused =
        archive(sandbox, id, trigger)
            .whenComplete(
                (snapshot, failure) -> {
                  synchronized (underWay) {
                    underWay.remove(id);
                  }
                  if (failure == null) {
                    taken.complete(snapshot);
                  } else {
                    taken.completeExceptionally(EngineFailure.asSandboxException(failure));
                  }
                });
    return taken;
  }

  private CompletableFuture<Snapshot> archive(
      DockerSandbox sandbox, String id, Snapshot.Trigger trigger) {
    Spool spool;
    try {
      spool = Spool.create(context.settings().snapshotSize().bytes());
    } catch (IOException e) {
      return CompletableFuture.failedFuture(failure(Reason.CREATE_FAILED, id, e.toString(), e));
    }
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    Job job =
        new Job(
            CommandCode.own("archive", List.of(SandboxSpec.WORKSPACE)),
            new byte[0],
            LIMIT,
            Optional.of(spool),
            Optional.of(errors),
            Job.Kind.INTERNAL);
    return sandbox
        .run(job)
        .thenApplyAsync(
            ended -> {
              require(id, ended, errors, spool);
              return store.put(id, sandbox.id(), trigger, spool);
            },
            context.workers())
        .whenComplete((snapshot, failure) -> spool.close());
  }

  private static void require(String id, Ended ended, KeptOutput errors, Spool spool) {
    if (spool.isOverfull()) {
      throw failure(
          Reason.SIZE_EXCEEDED, id, "it is larger than setting snapshotSize allows", null);
    }
    if (spool.failure().isPresent()) {
      throw failure(Reason.CREATE_FAILED, id, spool.failure().get(), null);
    }
    if (ended.exitCode() == NO_TAR) {
      throw failure(Reason.NOT_SUPPORTED, id, "the sandbox's image has no tar", null);
    }
    if (ended.cut().contains(Channel.OUT)) {
      throw failure(Reason.CREATE_FAILED, id, "the end of the archive did not come", null);
    }
    if (ended.exitCode() != 0) {
      throw failure(
          Reason.CREATE_FAILED,
          id,
          "tar ended " + ended.outcome() + " with " + ended.exitCode() + ": " + errors.text(),
          null);
    }
  }

  static SandboxSnapshotException failure(Reason reason, String id, String why, Throwable cause) {
    return new SandboxSnapshotException(reason, "Snapshot " + id + ": " + why, cause);
  }

  /** Fails unless it is there. */
  Snapshot require(String id) {
    return (isId(id) ? store.find(id) : Optional.<Snapshot>empty())
        .orElseThrow(() -> SnapshotRules.notFound(id));
  }

  /** Unpacks it into a new sandbox. */
  CompletableFuture<Void> restore(DockerSandbox sandbox, String id) {
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    Job job = Job.internal(CommandCode.own("", List.of()), new byte[0], LIMIT, errors);
    return CompletableFuture.completedFuture(id)
        .thenComposeAsync(snapshot -> store.send(snapshot, sandbox, job), Snapshots::onItsOwn)
        .thenAccept(
            ended -> {
              if (ended.exitCode() != 0) {
                throw failure(
                    Reason.RESTORE_FAILED,
                    id,
                    "tar ended with " + ended.exitCode() + ": " + errors.text(),
                    null);
              }
            });
  }

  /** A restore takes as long as its sandbox unpacks: no worker must wait for that. */
  private static void onItsOwn(Runnable restore) {
    Thread thread = new Thread(restore, "sandbeam-docker-restore");
    thread.setDaemon(true);
    thread.start();
  }

  SnapshotPage list(ListSnapshotsRequest request) {
    return SnapshotRules.page(store.all(), request, Snapshots::isId);
  }

  /** What it was; null when it may be missing, and is. */
  Snapshot delete(String id, MissingOk missingOk) {
    return SnapshotRules.deleted(
        missingOk,
        () -> {
          Snapshot last = require(id);
          store.delete(id);
          return last;
        });
  }
}
