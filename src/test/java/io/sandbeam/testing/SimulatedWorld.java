package io.sandbeam.testing;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.DryRun;
import io.sandbeam.service.PurgeRequest;
import io.sandbeam.service.PurgeResult;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The truth behind a {@link FaultySandboxService}: which sandboxes live, and how they come and go.
 * Nothing goes wrong here; faults are put before it. Its lock is {@code this}, and no future is
 * completed and no code of a test is run while it is held.
 */
final class SimulatedWorld {
  final SimulatedTime time;
  final SimulatedSnapshots snapshots;

  private final TreeMap<Long, SimulatedSandbox> sandboxes = new TreeMap<>();
  private final Map<RequestId, SimulatedSandbox> byRequest = new HashMap<>();
  private final Map<String, SimulatedSandbox> byId = new HashMap<>();
  private final Set<Tag> sealed = new HashSet<>();
  private long created;
  private int live;
  private int peak;
  private long lists;

  Duration startTakes = Duration.ZERO;
  Duration stopTakes = Duration.ZERO;
  Duration retention = Duration.ofHours(1);
  int quota = Integer.MAX_VALUE;
  Duration heldBack = Duration.ZERO;
  int stopsToStick;
  boolean remembersSeals = true;
  boolean idsByRequest;
  Set<String> images = Set.of();
  boolean preparesImages;

  SimulatedWorld(SimulatedTime time) {
    this.time = time;
    this.snapshots = new SimulatedSnapshots(this);
  }

  /** Changes a setting under the lock. */
  synchronized void set(Runnable change) {
    change.run();
  }

  /** As if every create so far had waited for the same time. */
  synchronized Duration throttledTime() {
    return heldBack.multipliedBy(created);
  }

  SandboxInfo create(SandboxSpec spec, RequestId requestId) {
    SimulatedSandbox sandbox;
    Duration starting;
    synchronized (this) {
      SimulatedSandbox before = byRequest.get(requestId);
      if (before != null) {
        if (!before.spec.equals(spec)) {
          throw new SandboxAlreadyExistsException(requestId);
        }
        return before.info();
      }
      for (Tag job : spec.jobs()) {
        if (sealed.contains(job)) {
          throw new SandboxSealedException(job);
        }
      }
      requireKnown(spec.image());
      if (live >= quota) {
        throw new SandboxResourceExhaustedException(
            "Simulated quota: " + quota + " sandboxes live", null, null);
      }
      long number = created + 1;
      String id =
          idFor(requestId).orElseGet(() -> String.format("00000000-0000-4000-8000-%012x", number));
      sandbox = new SimulatedSandbox(number, id, spec, time.now(), lists);
      spec.restoreFrom().ifPresent(from -> sandbox.files.putAll(snapshots.content(from)));
      created++;
      sandboxes.put(sandbox.number, sandbox);
      byId.put(sandbox.id, sandbox);
      byRequest.put(requestId, sandbox);
      peak = Math.max(peak, ++live);
      starting = startTakes;
    }
    SimulatedTime.Cancellation lease =
        time.after(
            spec.maxLifetime(),
            () ->
                end(
                    sandbox,
                    SandboxState.FAILED,
                    "Its lifetime of " + spec.maxLifetime() + " is over"));
    synchronized (this) {
      sandbox.lease = lease;
    }
    time.after(starting, () -> start(sandbox));
    return info(sandbox);
  }

  /** The id before the sandbox, where it is told. */
  synchronized Optional<String> idFor(RequestId requestId) {
    return idsByRequest
        ? Optional.of(
            UUID.nameUUIDFromBytes(requestId.value().getBytes(StandardCharsets.UTF_8)).toString())
        : Optional.empty();
  }

  private void requireKnown(Optional<String> image) {
    if (!images.isEmpty() && image.filter(name -> !images.contains(name)).isPresent()) {
      throw new SandboxValidationException(
          "image", "Unknown image '" + image.orElseThrow() + "': there are " + images);
    }
  }

  synchronized void prepare(Optional<String> image) {
    if (preparesImages) {
      requireKnown(image);
    }
  }

  private synchronized void start(SimulatedSandbox sandbox) {
    if (sandbox.state == SandboxState.CREATING) {
      sandbox.state = SandboxState.RUNNING;
      sandbox.startTime = time.now();
    }
  }

  /** Makes a sandbox terminal, once, and fails the commands that ran in it. */
  void end(SimulatedSandbox sandbox, SandboxState state, String reason) {
    List<java.util.concurrent.CompletableFuture<?>> interrupted;
    synchronized (this) {
      if (!sandbox.live() || sandbox.stuck) {
        return;
      }
      live--;
      sandbox.state = state;
      sandbox.reason = reason;
      sandbox.endTime = time.now();
      sandbox.endedAtList = lists;
      sandbox.lease.cancel();
      interrupted = new ArrayList<>(sandbox.running);
      sandbox.running.clear();
    }
    interrupted.forEach(
        command ->
            command.completeExceptionally(
                new SandboxNotRunningException(sandbox.id, state, "it ended under the command")));
  }

  /** Ends the sandbox as its main process does. */
  void exit(SimulatedSandbox sandbox, int exitCode) {
    synchronized (this) {
      if (sandbox.live()) {
        sandbox.exitCode = exitCode;
      }
    }
    if (exitCode == 0) {
      end(sandbox, SandboxState.COMPLETED, "");
    } else {
      end(sandbox, SandboxState.FAILED, "Its main process ended with exit code " + exitCode);
    }
  }

  synchronized SandboxInfo info(SimulatedSandbox sandbox) {
    return sandbox.info();
  }

  SandboxInfo get(String id) {
    return info(find(id));
  }

  /** The sandbox with this id, terminal ones while their record is kept. */
  synchronized SimulatedSandbox find(String id) {
    return Optional.ofNullable(byId.get(id))
        .filter(sandbox -> kept(sandbox, time.now()))
        .orElseThrow(() -> new SandboxNotFoundException(id));
  }

  synchronized SimulatedSandbox findRunning(String id) {
    SimulatedSandbox sandbox = find(id);
    if (sandbox.state != SandboxState.RUNNING) {
      throw new SandboxNotRunningException(id, sandbox.state, sandbox.reason);
    }
    return sandbox;
  }

  boolean kept(SimulatedSandbox sandbox, Instant now) {
    return sandbox.live() || now.isBefore(sandbox.endTime.plus(retention));
  }

  DeleteResult delete(DeleteRequest request) {
    SimulatedSandbox sandbox;
    List<String> receipts;
    synchronized (this) {
      try {
        sandbox = find(request.sandboxId());
      } catch (SandboxNotFoundException e) {
        if (request.missingOk() == io.sandbeam.service.MissingOk.YES) {
          return new DeleteResult(Optional.empty(), List.of());
        }
        throw e;
      }
      receipts = snapshots.onDelete(sandbox, request);
    }
    stop(sandbox);
    return new DeleteResult(Optional.of(info(sandbox)), receipts);
  }

  private void stop(SimulatedSandbox sandbox) {
    Duration stopping;
    synchronized (this) {
      if (!sandbox.live() || sandbox.state == SandboxState.TERMINATING) {
        return;
      }
      sandbox.state = SandboxState.TERMINATING;
      if (stopsToStick > 0) {
        stopsToStick--;
        sandbox.stuck = true;
        return;
      }
      stopping = stopTakes;
    }
    time.after(stopping, () -> end(sandbox, SandboxState.TERMINATED, "Deleted"));
  }

  void releaseStuck() {
    List<SimulatedSandbox> released;
    synchronized (this) {
      released = live(sandbox -> sandbox.stuck);
      released.forEach(sandbox -> sandbox.stuck = false);
    }
    released.forEach(sandbox -> end(sandbox, SandboxState.TERMINATED, "Deleted"));
  }

  PurgeResult purge(PurgeRequest request) {
    List<SimulatedSandbox> matching;
    synchronized (this) {
      matching = live(sandbox -> sandbox.spec.tags().containsAll(request.tags()));
    }
    if (request.dryRun() == DryRun.NO) {
      matching.forEach(this::stop);
    }
    return new PurgeResult(matching.size(), List.of(), List.of());
  }

  synchronized Seal seal(Tag job) {
    if (!remembersSeals) {
      return Seal.UNSUPPORTED;
    }
    sealed.add(job);
    return Seal.SEALED;
  }

  synchronized Seal sealOf(Tag job) {
    if (!remembersSeals) {
      return Seal.UNSUPPORTED;
    }
    return sealed.contains(job) ? Seal.SEALED : Seal.OPEN;
  }

  /** Those that live, oldest first. */
  synchronized List<SimulatedSandbox> live(Predicate<SimulatedSandbox> which) {
    return sandboxes.values().stream()
        .filter(sandbox -> sandbox.live() && which.test(sandbox))
        .toList();
  }

  synchronized Collection<SimulatedSandbox> all() {
    return List.copyOf(sandboxes.values());
  }

  /** Those created after the one with this number, oldest first. */
  synchronized Collection<SimulatedSandbox> after(long number) {
    return List.copyOf(sandboxes.tailMap(number, false).values());
  }

  /** Counts one more list; its number tells what a lagging one knows. */
  synchronized long nextList() {
    return ++lists;
  }

  synchronized long created() {
    return created;
  }

  synchronized int peak() {
    return peak;
  }
}
