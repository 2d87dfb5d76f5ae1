package io.sandbeam.testing;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import io.sandbeam.service.SnapshotRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The snapshots of a {@link SimulatedWorld}, under its lock. */
final class SimulatedSnapshots {
  private static final int DEFAULT_PAGE = 100;

  private record Stored(
      long number, Snapshot.Trigger trigger, String source, Instant at, Map<String, byte[]> files) {
    String id() {
      return "snapshot-" + number;
    }

    long size() {
      return files.values().stream().mapToLong(content -> content.length).sum() + 1;
    }
  }

  private record Receipt(Object identity, List<String> snapshotIds) {}

  private final SimulatedWorld world;
  private final TreeMap<Long, Stored> stored = new TreeMap<>();
  private final Map<RequestId, Receipt> receipts = new HashMap<>();
  private long taken;
  Duration takes = Duration.ZERO;

  SimulatedSnapshots(SimulatedWorld world) {
    this.world = world;
  }

  Snapshot create(SnapshotRequest request) {
    synchronized (world) {
      List<String> ids =
          once(
              request.requestId(),
              List.of(request.sandboxId(), request.volume()),
              () -> {
                SimulatedSandbox sandbox = world.findRunning(request.sandboxId());
                checkVolume(request.volume());
                return List.of(take(sandbox, Snapshot.Trigger.MANUAL));
              });
      return get(ids.get(0));
    }
  }

  /** The snapshots that a delete asks for; none of a sandbox that has ended. */
  List<String> onDelete(SimulatedSandbox sandbox, DeleteRequest request) {
    if (request.snapshotVolumes().isEmpty()) {
      return List.of();
    }
    request.snapshotVolumes().forEach(SimulatedSnapshots::checkVolume);
    return once(
        request.requestId().orElseGet(RequestId::mint),
        List.of(request.sandboxId(), request.snapshotVolumes()),
        () -> {
          world.findRunning(sandbox.id);
          return request.snapshotVolumes().stream()
              .map(volume -> take(sandbox, Snapshot.Trigger.ON_DELETE))
              .toList();
        });
  }

  private List<String> once(
      RequestId requestId, Object identity, java.util.function.Supplier<List<String>> work) {
    Receipt before = receipts.get(requestId);
    if (before == null) {
      before = new Receipt(identity, work.get());
      receipts.put(requestId, before);
    }
    if (!before.identity().equals(identity)) {
      throw new SandboxAlreadyExistsException(requestId);
    }
    return before.snapshotIds();
  }

  private static void checkVolume(String volume) {
    if (!volume.equals(SandboxSpec.SCRATCH_VOLUME)) {
      throw new SandboxValidationException(
          "volume",
          "Unknown volume '" + volume + "': there is only '" + SandboxSpec.SCRATCH_VOLUME + "'");
    }
  }

  private String take(SimulatedSandbox sandbox, Snapshot.Trigger trigger) {
    Map<String, byte[]> content = new TreeMap<>(sandbox.files);
    content.keySet().removeIf(path -> !path.startsWith(SandboxSpec.WORKSPACE + "/"));
    Stored snapshot = new Stored(++taken, trigger, sandbox.id, world.time.now(), content);
    stored.put(snapshot.number(), snapshot);
    return snapshot.id();
  }

  Map<String, byte[]> content(String id) {
    Stored snapshot = find(id);
    if (describe(snapshot).state() != Snapshot.State.READY) {
      throw new SandboxSnapshotException(
          SandboxSnapshotException.Reason.NOT_READY, "Snapshot " + id + " is not ready", null);
    }
    return snapshot.files();
  }

  Snapshot get(String id) {
    synchronized (world) {
      return describe(find(id));
    }
  }

  Snapshot delete(String id, MissingOk missingOk) {
    synchronized (world) {
      try {
        Stored snapshot = find(id);
        stored.remove(snapshot.number());
        return describe(snapshot);
      } catch (SandboxSnapshotException e) {
        if (missingOk == MissingOk.YES) {
          return null;
        }
        throw e;
      }
    }
  }

  SnapshotPage list(ListSnapshotsRequest request) {
    synchronized (world) {
      long after = request.pageToken().map(token -> PageToken.parse(token).after()).orElse(0L);
      int size = request.pageSize() == 0 ? DEFAULT_PAGE : request.pageSize();
      List<Stored> rest =
          stored.tailMap(after, false).values().stream()
              .filter(one -> request.sourceSandboxId().map(one.source()::equals).orElse(true))
              .toList();
      List<Stored> page = rest.subList(0, Math.min(size, rest.size()));
      return new SnapshotPage(
          page.stream().map(this::describe).toList(),
          rest.size() > size
              ? Optional.of(new PageToken(page.get(size - 1).number(), 0).toString())
              : Optional.empty());
    }
  }

  private Stored find(String id) {
    return stored.values().stream()
        .filter(one -> one.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new SandboxSnapshotException(
                    SandboxSnapshotException.Reason.NOT_FOUND,
                    "Snapshot '" + id + "' not found",
                    null));
  }

  private Snapshot describe(Stored one) {
    Instant ready = one.at().plus(takes);
    boolean isReady = !world.time.now().isBefore(ready);
    return new Snapshot(
        one.id(),
        isReady ? Snapshot.State.READY : Snapshot.State.CREATING,
        "",
        isReady ? one.size() : 0,
        one.source(),
        SandboxSpec.SCRATCH_VOLUME,
        one.trigger(),
        one.at(),
        isReady ? Optional.of(ready) : Optional.empty());
  }
}
