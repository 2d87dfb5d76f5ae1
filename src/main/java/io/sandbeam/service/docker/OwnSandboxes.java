package io.sandbeam.service.docker;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.LeasedSandboxes;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandboxes that this service instance made, ended ones for a while included: the engine keeps
 * nothing of a container that has removed itself, so the record of its end is here or nowhere.
 *
 * <p>The id of a sandbox is made of its request's: so the engine, which takes a container's name
 * once, makes one container of one request, whoever asks and however often.
 */
final class OwnSandboxes {
  private static final Logger LOG = LoggerFactory.getLogger(OwnSandboxes.class);
  private static final String PREFIX = "sb-";

  private final Context context;
  private final Images images;
  private final HostsFile hosts;
  private final Snapshots snapshots;
  private final Executor starters;
  private final LeasedSandboxes<DockerSandbox> all;

  /**
   * @param starters few threads: more starts at once would only wait for each other
   */
  OwnSandboxes(Context context, Images images, Snapshots snapshots, Executor starters) {
    this.context = context;
    this.images = images;
    this.hosts = new HostsFile(context.settings(), context.facts(), context.engine());
    this.snapshots = snapshots;
    this.starters = starters;
    DockerSettings settings = context.settings();
    this.all =
        new LeasedSandboxes<>(
            new LeasedSandboxes.Bounds(
                settings.maxSandboxes(),
                settings.terminatedCount(),
                settings.terminatedRetention()),
            new LeasedSandboxes.Wording(
                EngineFailure.CALLS, "maxSandboxes", "scripts/sweep --service=docker"),
            context.facts()::now);
  }

  static String idOf(RequestId requestId) {
    return PREFIX + Secret.hash(requestId.value());
  }

  /** Whether this can be one of our ids; nothing else becomes part of a call. */
  static boolean isId(String id) {
    return id != null && id.matches(PREFIX + "[0-9a-f]{40}");
  }

  static SandboxUnsupportedException ofAnotherProcess(String id, String what) {
    return new SandboxUnsupportedException(
        "Sandbox " + id + " is leased to another process: only that one can " + what);
  }

  /** Completes when the image is there: no thread waits for its pull. */
  CompletableFuture<Void> prepare(Optional<String> image) {
    RuntimeCheck.require(context);
    return images.ready(image).thenAccept(there -> {});
  }

  /** Blocks while the engine is asked what it has. */
  CompletableFuture<SandboxInfo> create(SandboxSpec spec, RequestId requestId) {
    return tryCreate(spec, requestId)
        .exceptionallyCompose(
            failure ->
                Images.isGone(failure)
                    ? CompletableFuture.completedFuture(spec)
                        .thenComposeAsync(
                            wanted -> createAgain(wanted, requestId), context.workers())
                    : CompletableFuture.failedFuture(failure));
  }

  private CompletableFuture<SandboxInfo> createAgain(SandboxSpec spec, RequestId requestId) {
    LOG.info("The image of {} was removed from the engine: it is looked for again", spec);
    images.forget(spec.image());
    return tryCreate(spec, requestId);
  }

  private CompletableFuture<SandboxInfo> tryCreate(SandboxSpec spec, RequestId requestId) {
    Optional<DockerSandbox> before = find(idOf(requestId));
    if (before.isPresent()) {
      return usable(before.get(), spec, requestId);
    }
    context.seals().requireOpen(spec);
    RuntimeCheck.require(context);
    CompletableFuture<String> image = images.ready(spec.image());
    return image.isDone()
        ? image.thenCompose(there -> make(there, spec, requestId))
        : image.thenComposeAsync(there -> make(there, spec, requestId), context.workers());
  }

  private CompletableFuture<SandboxInfo> make(String image, SandboxSpec spec, RequestId requestId) {
    spec.restoreFrom().ifPresent(snapshots::require);
    String id = idOf(requestId);
    ContainerPlan plan =
        new ContainerPlan(
            id, image, spec, context.settings(), context.facts(), hosts.path(image, spec, id));
    return usable(add(plan, requestId), spec, requestId);
  }

  private CompletableFuture<SandboxInfo> usable(
      DockerSandbox sandbox, SandboxSpec spec, RequestId requestId) {
    if (!sandbox.spec().equals(spec)) {
      throw new SandboxAlreadyExistsException(requestId);
    }
    // Asking again gives the sandbox as it stands now.
    return sandbox
        .usable()
        .handle(
            (info, failure) -> {
              if (failure != null) {
                throw hosts.explain(EngineFailure.asSandboxException(failure));
              }
              return sandbox.info();
            });
  }

  private DockerSandbox add(ContainerPlan plan, RequestId requestId) {
    // When it never was, the request may be made again.
    DockerSandbox sandbox = new DockerSandbox(plan, requestId, context, this::setUp, all::drop);
    DockerSandbox added = all.add(sandbox, () -> {});
    if (added == sandbox) {
      starters.execute(sandbox::start);
    }
    return added;
  }

  private CompletableFuture<Void> setUp(DockerSandbox sandbox) {
    SandboxSpec spec = sandbox.spec();
    CompletableFuture<Void> done =
        spec.restoreFrom()
            .map(id -> snapshots.restore(sandbox, id))
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    if (!spec.workingDir().equals(SandboxSpec.WORKSPACE)) {
      done = done.thenCompose(nothing -> FilePrograms.makeDirectory(sandbox, spec.workingDir()));
    }
    for (Map.Entry<String, byte[]> file : spec.files().entrySet()) {
      done =
          done.thenCompose(
              nothing ->
                  FilePrograms.FILES.write(
                      sandbox, file.getKey(), file.getValue(), Job.Kind.INTERNAL));
    }
    return done;
  }

  Optional<DockerSandbox> find(String id) {
    return all.find(id);
  }

  Collection<DockerSandbox> all() {
    return all.all();
  }

  /** Ends all and waits until they are gone. */
  void closeAll() {
    all.closeAll();
  }
}
