package io.sandbeam.service.local;

import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSnapshotException.Reason;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.Snapshot.State;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.leased.CommandCode;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.KeptOutput;
import io.sandbeam.service.leased.SnapshotRules;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes and restores archives of {@code /workspace}, by tar inside the sandbox. */
final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final int ERRORS_KEPT = 2000;
  private static final int NO_TAR = 127;

  private final SnapshotStore store;
  private final LocalContext context;
  private final Map<String, Asked> requests = new BoundedMap<>();

  /** What a request id was used for. */
  private record Asked(String sandboxId, String volume, String snapshotId) {}

  /** Forgets the oldest: a request is repeated soon or never. */
  private static final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > 1000;
    }
  }

  Snapshots(LocalContext context) {
    this.store = context.snapshots();
    this.context = context;
  }

  /** One that is under way. */
  record Taken(Snapshot snapshot, CompletableFuture<Snapshot> completed) {}

  /** Starts one; asking again with one request id gives the first. */
  Taken take(LocalSandbox sandbox, SnapshotRequest request, Snapshot.Trigger trigger) {
    SnapshotRules.checkVolume(request.volume());
    Snapshot snapshot =
        new Snapshot(
            SandboxId.mintSnapshot(Instant.now()),
            State.CREATING,
            "",
            0,
            sandbox.id(),
            request.volume(),
            trigger,
            Instant.now(),
            Optional.empty());
    try {
      synchronized (requests) {
        Asked asked = requests.get(request.requestId().value());
        if (asked != null) {
          if (!asked.sandboxId().equals(sandbox.id()) || !asked.volume().equals(request.volume())) {
            throw new SandboxAlreadyExistsException(request.requestId());
          }
          Snapshot first = get(asked.snapshotId());
          return new Taken(first, CompletableFuture.completedFuture(first));
        }
        store.write(snapshot);
        requests.put(
            request.requestId().value(), new Asked(sandbox.id(), request.volume(), snapshot.id()));
      }
      return new Taken(snapshot, archive(sandbox, snapshot));
    } catch (IOException e) {
      throw new SandboxSnapshotException(
          Reason.CREATE_FAILED, "Snapshot of " + sandbox.id() + ": " + e, e);
    }
  }

  /** What a request made before. */
  Optional<String> receipt(RequestId requestId) {
    synchronized (requests) {
      return Optional.ofNullable(requests.get(requestId.value())).map(Asked::snapshotId);
    }
  }

  private CompletableFuture<Snapshot> archive(LocalSandbox sandbox, Snapshot snapshot) {
    CappedFile file;
    try {
      file =
          new CappedFile(store.archive(snapshot.id()), context.settings().snapshotSize().bytes());
    } catch (IOException e) {
      return CompletableFuture.completedFuture(
          complete(snapshot, 0, "its archive cannot be written: " + e));
    }
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    Job job =
        new Job(
            ExecScript.code("exec tar -C " + SandboxSpec.WORKSPACE + " -cf - .", List.of()),
            new byte[0],
            LIMIT,
            Optional.of(file),
            Optional.of(errors),
            Job.Kind.INTERNAL);
    return sandbox
        .run(job)
        .handle(
            (ended, failure) -> {
              file.close();
              String why = failure != null ? failure.getMessage() : reason(ended, file, errors);
              return complete(snapshot, file.size(), why);
            });
  }

  private static String reason(Ended ended, CappedFile file, KeptOutput errors) {
    if (file.failure() != null) {
      return file.failure();
    }
    if (ended.exitCode() == NO_TAR) {
      return Reason.NOT_SUPPORTED + ": the sandbox's image has no tar";
    }
    return ended.exitCode() == 0
        ? ""
        : "tar ended "
            + ended.outcome()
            + " with exit code "
            + ended.exitCode()
            + ": "
            + errors.text();
  }

  private Snapshot complete(Snapshot snapshot, long size, String why) {
    Snapshot done =
        new Snapshot(
            snapshot.id(),
            why.isEmpty() ? State.READY : State.FAILED,
            why,
            why.isEmpty() ? size : 0,
            snapshot.sourceSandboxId(),
            snapshot.sourceVolume(),
            snapshot.trigger(),
            snapshot.createTime(),
            Optional.of(Instant.now()));
    try {
      if (!why.isEmpty()) {
        Files.deleteIfExists(store.archive(snapshot.id()));
      }
      if (store.find(snapshot.id()).isEmpty()) {
        // Deleted while it was taken.
        store.delete(snapshot.id());
        return done;
      }
      store.write(done);
    } catch (IOException e) {
      LOG.error("Snapshot {} stays CREATING: its record cannot be written", snapshot.id(), e);
    }
    return done;
  }

  /** Fails unless it can be restored. */
  Snapshot ready(String id) {
    Snapshot snapshot = get(id);
    if (snapshot.state() != State.READY) {
      throw new SandboxSnapshotException(
          Reason.NOT_READY,
          "Snapshot " + id + " is " + snapshot.state() + " " + snapshot.stateReason(),
          null);
    }
    return snapshot;
  }

  /** Unpacks it into a new sandbox. */
  CompletableFuture<Void> restore(LocalSandbox sandbox, String id) {
    KeptOutput errors = new KeptOutput(ERRORS_KEPT);
    CommandCode code =
        ExecScript.code(
            "exec tar -C " + SandboxSpec.WORKSPACE + " --no-same-owner -xpf - <\"$1\"",
            List.of(BwrapCommand.ARCHIVE));
    return sandbox
        .run(Job.internal(code, new byte[0], LIMIT, errors))
        .thenAccept(
            ended -> {
              if (ended.exitCode() != 0) {
                throw new SandboxSnapshotException(
                    Reason.RESTORE_FAILED,
                    "Snapshot "
                        + id
                        + " could not be restored, exit code "
                        + ended.exitCode()
                        + ": "
                        + errors.text(),
                    null);
              }
            });
  }

  Snapshot get(String id) {
    try {
      return (SandboxId.isValidSnapshot(id) ? store.find(id) : Optional.<Snapshot>empty())
          .orElseThrow(() -> SnapshotRules.notFound(id));
    } catch (IOException e) {
      throw new SandboxSnapshotException(Reason.NOT_READY, "Snapshot " + id + ": " + e, e);
    }
  }

  SnapshotPage list(ListSnapshotsRequest request) throws IOException {
    return SnapshotRules.page(store.all(), request, SandboxId::isValidSnapshot);
  }

  /** Deletes it and answers with its last record; with null when it is missing and that is ok. */
  Snapshot delete(String id, MissingOk missingOk) {
    return SnapshotRules.deleted(
        missingOk,
        () -> {
          Snapshot last = get(id);
          try {
            store.delete(id);
          } catch (IOException e) {
            throw new SandboxSnapshotException(
                Reason.NOT_READY, "Snapshot " + id + " cannot be deleted: " + e, e);
          }
          return last;
        });
  }
}
