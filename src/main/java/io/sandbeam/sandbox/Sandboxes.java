package io.sandbeam.sandbox;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.DeleteResult;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Sandboxes that this program did not create. */
public final class Sandboxes {
  private Sandboxes() {}

  /**
   * Handles of all active sandboxes that carry every tag, from all pages. No session tracks them:
   * {@link Session#adopt} does. Failed pages are tried again for 30 seconds; then the future fails
   * with the service's exception, never with a shorter list.
   */
  public static CompletableFuture<List<Sandbox>> list(
      SandboxService service, Collection<Tag> tags) {
    return list(service, tags, Timing.system());
  }

  static CompletableFuture<List<Sandbox>> list(
      SandboxService service, Collection<Tag> tags, Timing timing) {
    return listInfos(service, tags, timing)
        .thenApply(infos -> infos.stream().map(info -> Sandbox.of(service, info, timing)).toList());
  }

  /** What the service reports of them, as {@link #list}. */
  public static CompletableFuture<List<SandboxInfo>> listInfos(
      SandboxService service, Collection<Tag> tags) {
    return listInfos(service, tags, Timing.system());
  }

  private static CompletableFuture<List<SandboxInfo>> listInfos(
      SandboxService service, Collection<Tag> tags, Timing timing) {
    List<SandboxInfo> infos = Collections.synchronizedList(new ArrayList<>());
    return new Listing(service, timing).all(tags, infos::add).thenApply(end -> List.copyOf(infos));
  }

  /**
   * How many active sandboxes carry every tag and are of some kind, counted up to a bound; pages
   * behind it are not asked for. Nothing is tried again: the future fails with the service's
   * exception.
   */
  public static CompletableFuture<Integer> count(
      SandboxService service,
      Collection<Tag> tags,
      Predicate<SandboxInfo> which,
      int upTo,
      Timing timing) {
    AtomicInteger count = new AtomicInteger();
    return new Listing(service, timing)
        .first(tags, info -> which.test(info) && count.incrementAndGet() >= upTo)
        .thenApply(end -> count.get());
  }

  /**
   * Asks for the end of one sandbox, at once and without grace. Completes when the service has
   * accepted that, so the sandbox may still be ending; {@link Sandbox#stop()} waits for the end.
   * Tried again for 30 seconds while the service is unavailable.
   */
  public static CompletableFuture<DeleteResult> delete(
      SandboxService service, String id, MissingOk missingOk) {
    DeleteRequest request = DeleteRequest.of(id).withMissingOk(missingOk);
    return new Retry(Timing.system())
        .run(RetryPolicy.CALLS, "delete sandbox " + id, () -> service.delete(request));
  }
}
