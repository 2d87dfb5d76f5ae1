package io.sandbeam.service.local;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.leased.LeasedSandboxes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The sandboxes that this service instance made, ended ones for a while included. */
final class OwnSandboxes {
  private final LocalContext context;
  private final Images images;
  private final Snapshots snapshots;
  private final Executor starters;
  private final Requests requests;
  private final LeasedSandboxes<LocalSandbox> all;

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
    LocalSettings settings = context.settings();
    this.all =
        new LeasedSandboxes<>(
            new LeasedSandboxes.Bounds(
                settings.maxSandboxes(),
                settings.terminatedCount(),
                settings.terminatedRetention()),
            new LeasedSandboxes.Wording(
                LocalService.FAILURES, LocalSettings.MAX_SANDBOXES, "scripts/sweep"),
            InstantSource.system());
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
    LocalSandbox added = all.add(sandbox, () -> forget(sandbox, requestId));
    var unused =
        added
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
    starters.execute(added::start);
    return added;
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
        nothing -> FilePrograms.writeAll(sandbox, files, spec.workingDir()));
  }

  Optional<LocalSandbox> find(String id) {
    return all.find(id);
  }

  Collection<LocalSandbox> all() {
    return all.all();
  }

  /** What was refused has never been. */
  private void drop(LocalSandbox sandbox) {
    all.drop(sandbox);
    sandbox.forget();
  }

  private void forget(LocalSandbox sandbox, RequestId requestId) {
    requests.settle(requestId, sandbox.info());
    sandbox.forget();
  }

  /** Ends all and waits until they are gone. */
  void closeAll() {
    all.closeAll();
  }
}
