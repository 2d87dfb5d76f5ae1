package io.sandbeam.service.local;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.PurgeResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotRequest;
import io.sandbeam.service.leased.PromptStop;
import io.sandbeam.service.leased.SnapshotRules;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends sandboxes by request: this process's own, and those of other owners by a mark. */
final class Deletion {
  private static final Logger LOG = LoggerFactory.getLogger(Deletion.class);
  private static final Duration SEEN_ENDING = Duration.ofSeconds(2);

  private final LocalContext context;
  private final OwnSandboxes own;
  private final OtherOwners others;
  private final AllSandboxes all;
  private final Snapshots snapshots;
  private final PromptStop stop;

  Deletion(
      LocalContext context,
      OwnSandboxes own,
      OtherOwners others,
      AllSandboxes all,
      Snapshots snapshots) {
    this.context = context;
    this.own = own;
    this.others = others;
    this.all = all;
    this.snapshots = snapshots;
    this.stop = new PromptStop(SEEN_ENDING, context.timer(), context.workers());
  }

  CompletableFuture<DeleteResult> delete(DeleteRequest request) throws IOException {
    request.snapshotVolumes().forEach(SnapshotRules::checkVolume);
    Optional<LocalSandbox> mine = own.find(request.sandboxId());
    if (mine.isPresent()) {
      return deleteOwn(mine.get(), request);
    }
    try {
      return CompletableFuture.completedFuture(deleteOther(request));
    } catch (SandboxNotFoundException e) {
      if (request.missingOk() == MissingOk.YES) {
        return CompletableFuture.completedFuture(new DeleteResult(Optional.empty(), List.of()));
      }
      throw e;
    }
  }

  private CompletableFuture<DeleteResult> deleteOwn(LocalSandbox sandbox, DeleteRequest request) {
    List<String> ids = new ArrayList<>();
    CompletableFuture<?> taken = CompletableFuture.completedFuture(null);
    if (!sandbox.info().isTerminal()) {
      for (String volume : request.snapshotVolumes()) {
        RequestId receipt = request.requestId().orElseGet(RequestId::mint);
        Snapshots.Taken one =
            snapshots.take(
                sandbox,
                new SnapshotRequest(sandbox.id(), volume, receipt),
                Snapshot.Trigger.ON_DELETE);
        ids.add(one.snapshot().id());
        taken = taken.thenCombine(one.completed(), (before, after) -> after);
      }
    } else if (request.requestId().isPresent()) {
      snapshots.receipt(request.requestId().get()).ifPresent(ids::add);
    }
    if (!ids.isEmpty() && !taken.isDone()) {
      sandbox.announceEnd();
      var unused = taken.whenComplete((snapshot, failure) -> sandbox.stop(request.grace()));
      return CompletableFuture.completedFuture(new DeleteResult(Optional.of(sandbox.info()), ids));
    }
    return stop.stop(sandbox, request.grace(), ids);
  }

  private DeleteResult deleteOther(DeleteRequest request) throws IOException {
    OtherOwners.Found found = all.other(request.sandboxId());
    if (!request.snapshotVolumes().isEmpty()) {
      throw OwnSandboxes.ofAnotherProcess(request.sandboxId(), "take a snapshot of it");
    }
    if (!found.record().info().isTerminal()) {
      end(found, request.grace());
    }
    return new DeleteResult(Optional.of(found.shown()), List.of());
  }

  private void end(OtherOwners.Found found, Duration grace) throws IOException {
    OtherOwners.requestEnd(found, grace);
    if (!grace.isZero()) {
      var unused =
          context.timer().later(grace, () -> found.record().init().ifPresent(HostProcess::kill));
    }
  }

  PurgeResult purge(PurgeRequest request) throws IOException {
    others.sweepDead();
    ListRequest selector = ListRequest.tagged(request.tags());
    int count = 0;
    List<String> failed = new ArrayList<>();
    for (LocalSandbox sandbox : own.all()) {
      if (AllSandboxes.matches(sandbox.info(), selector)) {
        count++;
        if (request.dryRun() == DryRun.NO) {
          sandbox.stop(Duration.ZERO);
        }
      }
    }
    for (OtherOwners.Found found : others.all()) {
      if (AllSandboxes.matches(found.shown(), selector)) {
        try {
          if (request.dryRun() == DryRun.NO) {
            end(found, Duration.ZERO);
          }
          count++;
        } catch (NoSuchFileException e) {
          // It ended meanwhile, as was asked.
          count++;
        } catch (IOException e) {
          LOG.warn("Sandbox {}: its end cannot be asked for", found.record().info().id(), e);
          failed.add(found.record().info().id());
        }
      }
    }
    return new PurgeResult(count, failed, failed);
  }
}
