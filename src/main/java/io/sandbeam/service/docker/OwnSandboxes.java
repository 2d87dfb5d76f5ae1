package io.sandbeam.service.docker;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnsupportedException;
import io.sandbeam.service.leased.Job;
import java.time.Duration;
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
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);
  private static final String PREFIX = "sb-";

  private final Context context;
  private final Images images;
  private final HostsFile hosts;
  private final Snapshots snapshots;
  private final Executor starters;
  private final Map<String, DockerSandbox> all = new ConcurrentHashMap<>();
  private final Deque<DockerSandbox> ended = new ArrayDeque<>();
  private int alive;
  private boolean closed;

  /**
   * @param starters few threads: more starts at once would only wait for each other
   */
  OwnSandboxes(Context context, Images images, Snapshots snapshots, Executor starters) {
    this.context = context;
    this.images = images;
    this.hosts = new HostsFile(context.settings(), context.facts(), context.engine());
    this.snapshots = snapshots;
    this.starters = starters;
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
    DockerSandbox before = all.get(idOf(requestId));
    if (before != null) {
      return usable(before, spec, requestId);
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
    DockerSandbox sandbox = new DockerSandbox(plan, requestId, context, this::setUp, this::forget);
    synchronized (this) {
      if (closed) {
        throw new SandboxException("The docker service is closed: open another");
      }
      DockerSandbox other = all.get(plan.name());
      if (other != null) {
        return other;
      }
      if (alive >= context.settings().maxSandboxes()) {
        throw new SandboxResourceExhaustedException(
            alive + " sandboxes are alive, as many as setting maxSandboxes allows",
            null,
            Duration.ofSeconds(1));
      }
      alive++;
      all.put(sandbox.id(), sandbox);
    }
    var unused = sandbox.gone().thenRun(() -> retire(sandbox));
    starters.execute(sandbox::start);
    return sandbox;
  }

  /** It never was: the request may be made again. */
  private void forget(DockerSandbox sandbox) {
    all.remove(sandbox.id(), sandbox);
  }

  private CompletableFuture<Void> setUp(DockerSandbox sandbox) {
    SandboxSpec spec = sandbox.spec();
    CompletableFuture<Void> done =
        spec.restoreFrom()
            .map(id -> snapshots.restore(sandbox, id))
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    if (!spec.workingDir().equals(SandboxSpec.WORKSPACE)) {
      done = done.thenCompose(nothing -> FileTransfer.makeDirectory(sandbox, spec.workingDir()));
    }
    for (Map.Entry<String, byte[]> file : spec.files().entrySet()) {
      done =
          done.thenCompose(
              nothing ->
                  FileTransfer.write(sandbox, file.getKey(), file.getValue(), Job.Kind.INTERNAL));
    }
    return done;
  }

  Optional<DockerSandbox> find(String id) {
    return Optional.ofNullable(id).map(all::get);
  }

  Collection<DockerSandbox> all() {
    forgetOld();
    return all.values();
  }

  private void retire(DockerSandbox sandbox) {
    synchronized (this) {
      alive--;
      ended.add(sandbox);
    }
    forgetOld();
  }

  /** Drops the records of sandboxes that ended long ago, or are too many. */
  private void forgetOld() {
    long most = context.settings().terminatedCount();
    Duration kept = context.settings().terminatedRetention();
    while (true) {
      DockerSandbox first;
      synchronized (this) {
        first = ended.peek();
        if (first == null
            || (ended.size() <= most
                && Duration.between(first.info().endTime().orElseThrow(), context.facts().now())
                        .compareTo(kept)
                    < 0)) {
          return;
        }
        ended.remove();
      }
      all.remove(first.id(), first);
    }
  }

  /** Ends all and waits until they are gone. */
  void closeAll() {
    synchronized (this) {
      closed = true;
    }
    List<DockerSandbox> live =
        all.values().stream().filter(sandbox -> !sandbox.gone().isDone()).toList();
    live.forEach(sandbox -> sandbox.stop(Duration.ZERO));
    CompletableFuture<?> gone =
        CompletableFuture.allOf(
            live.stream().map(DockerSandbox::gone).toArray(CompletableFuture<?>[]::new));
    try {
      gone.get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw left(live, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw left(live, e);
    }
  }

  private static SandboxException left(List<DockerSandbox> live, Exception cause) {
    List<String> ids =
        live.stream().filter(one -> !one.gone().isDone()).map(DockerSandbox::id).sorted().toList();
    return new SandboxException(
        "Sandboxes are left that did not end: "
            + ids
            + "; close again, or end them with scripts/sweep --service=docker",
        cause);
  }
}
