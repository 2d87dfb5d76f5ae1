package io.sandbeam.service.docker;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.PurgeResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.leased.PromptStop;
import io.sandbeam.service.leased.SnapshotRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends sandboxes by request: this process's own by their lease, those of others by the engine. */
final class Deletion {
  private static final Logger LOG = LoggerFactory.getLogger(Deletion.class);
  private static final Duration SEEN_ENDING = Duration.ofSeconds(3);

  private final Context context;
  private final OwnSandboxes own;
  private final OtherSandboxes others;
  private final AllSandboxes all;
  private final Snapshots snapshots;
  private final PromptStop stop;

  Deletion(
      Context context,
      OwnSandboxes own,
      OtherSandboxes others,
      AllSandboxes all,
      Snapshots snapshots) {
    this.context = context;
    this.own = own;
    this.others = others;
    this.all = all;
    this.snapshots = snapshots;
    this.stop = new PromptStop(SEEN_ENDING, context.timer(), context.workers());
  }

  CompletableFuture<DeleteResult> delete(DeleteRequest request) {
    request.snapshotVolumes().forEach(SnapshotRules::checkVolume);
    Optional<DockerSandbox> mine = own.find(request.sandboxId());
    return mine.isPresent() ? deleteOwn(mine.get(), request) : deleteOther(request);
  }

  private CompletableFuture<DeleteResult> deleteOwn(DockerSandbox sandbox, DeleteRequest request) {
    RequestId receipt = request.requestId().orElseGet(RequestId::mint);
    if (sandbox.isOver()) {
      List<String> taken =
          request.snapshotVolumes().isEmpty() || request.requestId().isEmpty()
              ? List.of()
              : List.of(Snapshots.idOf(receipt));
      return stop.stop(sandbox, request.grace(), taken);
    }
    if (request.snapshotVolumes().isEmpty()) {
      return stop.stop(sandbox, request.grace(), List.of());
    }
    CompletableFuture<Snapshot> taken =
        snapshots.take(
            sandbox,
            new SnapshotRequest(sandbox.id(), request.snapshotVolumes().get(0), receipt),
            Snapshot.Trigger.ON_DELETE);
    sandbox.announceEnd();
    // It ends also when the snapshot fails; the caller is told of that.
    CompletableFuture<DeleteResult> answer = new CompletableFuture<>();
    var unused =
        taken.whenComplete(
            (snapshot, failure) -> {
              List<String> ids = List.of(Snapshots.idOf(receipt));
              var unusedToo =
                  stop.stop(sandbox, request.grace(), ids)
                      .whenComplete(
                          (result, notStopped) -> {
                            Throwable why = failure == null ? notStopped : failure;
                            if (why == null) {
                              answer.complete(result);
                            } else {
                              answer.completeExceptionally(why);
                            }
                          });
            });
    return answer;
  }

  private CompletableFuture<DeleteResult> deleteOther(DeleteRequest request) {
    String id = request.sandboxId();
    Optional<SandboxInfo> found = others.find(id);
    if (found.isEmpty()) {
      if (request.missingOk() == MissingOk.YES) {
        return CompletableFuture.completedFuture(new DeleteResult(Optional.empty(), List.of()));
      }
      throw new SandboxNotFoundException(id);
    }
    if (!request.snapshotVolumes().isEmpty()) {
      throw OwnSandboxes.ofAnotherProcess(id, "take a snapshot of it");
    }
    if (request.grace().isZero()) {
      context.engine().remove(id);
    } else {
      context.workers().execute(() -> stopOther(id, request.grace()));
    }
    return CompletableFuture.completedFuture(
        new DeleteResult(found.map(info -> info.withState(SandboxState.TERMINATING)), List.of()));
  }

  /** Its process 1 passes the TERM on; and it removes itself when that has ended. */
  private void stopOther(String id, Duration grace) {
    context.engine().stop(id, grace);
    context.engine().remove(id);
  }

  PurgeResult purge(PurgeRequest request) {
    List<OtherSandboxes.Seen> found = all.everywhere(ListRequest.tagged(request.tags())).toList();
    List<String> failed = new ArrayList<>();
    if (request.dryRun() == DryRun.NO) {
      found.forEach(seen -> end(seen.id(), failed));
    }
    return new PurgeResult(found.size() - failed.size(), failed, failed);
  }

  private void end(String id, List<String> failed) {
    Optional<DockerSandbox> mine = own.find(id);
    if (mine.isPresent()) {
      mine.get().stop(Duration.ZERO);
      return;
    }
    try {
      context.engine().remove(id);
    } catch (SandboxException e) {
      LOG.warn("Sandbox {} could not be removed", id, e);
      failed.add(id);
    }
  }
}
