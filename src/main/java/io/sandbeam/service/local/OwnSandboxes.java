package io.sandbeam.service.local;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnsupportedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The sandboxes that this service instance made, ended ones for a while included. */
final class OwnSandboxes {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final LocalContext context;
  private final Images images;
  private final Snapshots snapshots;
  private final Executor starters;
  private final Requests requests;
  private final Map<String, LocalSandbox> all = new ConcurrentHashMap<>();
  private final Deque<Over> ended = new ArrayDeque<>();
  private int alive;
  private boolean closed;

  private record Over(LocalSandbox sandbox, RequestId requestId) {}

  /**
   * @param starters few threads that start bubblewrap: more at once would only wait for each other
   */
  OwnSandboxes(LocalContext context, Images images, Snapshots snapshots, Executor starters) {
    this.context = context;
    this.images = images;
    this.snapshots = snapshots;
    this.starters = starters;
    this.requests =
        new Requests(context.settings().terminatedRetention().plus(Duration.ofMinutes(10)));
  }

  static SandboxUnsupportedException ofAnotherProcess(String id, String what) {
    return new SandboxUnsupportedException(
        "Sandbox " + id + " belongs to another process of this machine: only that one can " + what);
  }

  CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return requests.once(requestId, spec, () -> make(spec, requestId));
  }

  private LocalSandbox make(SandboxSpec spec, RequestId requestId) {
    context.seals().requireOpen(spec);
    Image image = images.resolve(spec.image());
    spec.restoreFrom().ifPresent(snapshots::ready);
    Instant now = Instant.now();
    Limits limits = Limits.of(spec.resources(), context.settings(), context.cgroups());
    if (Limits.fallShort(spec.resources(), context.settings(), context.cgroups())) {
      context.cgroups().warnOfShortfall(limits);
    }
    LocalSandbox sandbox =
        new LocalSandbox(SandboxId.mint(now), spec, image, limits, context, now, this::setUp);
    synchronized (this) {
      if (closed) {
        throw new SandboxException("The local service is closed: open another");
      }
      if (alive >= context.settings().maxSandboxes()) {
        throw new SandboxResourceExhaustedException(
            alive
                + " sandboxes are alive, as many as setting "
                + LocalSettings.MAX_SANDBOXES
                + " allows",
            null,
            Duration.ofSeconds(1));
      }
      alive++;
      all.put(sandbox.id(), sandbox);
    }
    var unused = sandbox.gone().thenRun(() -> retire(new Over(sandbox, requestId)));
    var unusedToo =
        sandbox
            .usable()
            .whenComplete(
                (info, failure) -> {
                  if (failure != null) {
                    requests.free(requestId);
                  }
                  if (failure instanceof SandboxSealedException) {
                    drop(sandbox);
                  }
                });
    starters.execute(sandbox::start);
    return sandbox;
  }

  private CompletableFuture<Void> setUp(LocalSandbox sandbox) {
    SandboxSpec spec = sandbox.spec();
    CompletableFuture<Void> restored =
        spec.restoreFrom()
            .map(id -> snapshots.restore(sandbox, id))
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    Map<String, byte[]> files = spec.files();
    if (files.isEmpty() && spec.workingDir().equals(SandboxSpec.WORKSPACE)) {
      return restored;
    }
    return restored.thenCompose(
        nothing -> FileTransfer.writeAll(sandbox, files, spec.workingDir()));
  }

  Optional<LocalSandbox> find(String id) {
    return Optional.ofNullable(id).map(all::get);
  }

  Collection<LocalSandbox> all() {
    forgetOld();
    return all.values();
  }

  private void retire(Over over) {
    synchronized (this) {
      alive--;
      ended.add(over);
    }
    forgetOld();
  }

  /** What was refused has never been. */
  private void drop(LocalSandbox sandbox) {
    all.remove(sandbox.id());
    sandbox.forget();
  }

  /** Drops the records of sandboxes that ended long ago, or are too many. */
  private void forgetOld() {
    Instant oldest = Instant.now().minus(context.settings().terminatedRetention());
    while (true) {
      Over first;
      synchronized (this) {
        first = ended.peek();
        if (first == null
            || (ended.size() <= context.settings().terminatedCount()
                && first.sandbox().info().endTime().orElseThrow().isAfter(oldest))) {
          return;
        }
        ended.remove();
      }
      all.remove(first.sandbox().id());
      requests.settle(first.requestId(), first.sandbox().info());
      first.sandbox().forget();
    }
  }

  /** Ends all and waits until they are gone. */
  void closeAll() {
    synchronized (this) {
      closed = true;
    }
    List<LocalSandbox> live =
        all.values().stream().filter(sandbox -> !sandbox.gone().isDone()).toList();
    live.forEach(sandbox -> sandbox.stop(Duration.ZERO));
    CompletableFuture<?> gone =
        CompletableFuture.allOf(
            live.stream().map(LocalSandbox::gone).toArray(CompletableFuture<?>[]::new));
    try {
      gone.get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw left(live, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw left(live, e);
    }
  }

  private static SandboxException left(List<LocalSandbox> live, Exception cause) {
    List<String> ids =
        live.stream().filter(one -> !one.gone().isDone()).map(LocalSandbox::id).sorted().toList();
    return new SandboxException(
        "Sandboxes are left that did not end: "
            + ids
            + "; close again, or end them with scripts/sweep",
        cause);
  }
}
