package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Some sandboxes with common defaults and one end: {@link #close()} returns when all of them are
 * gone, or throws.
 *
 * <pre>{@code
 * try (Session session = Session.open(service, defaults)) {
 *   session.sandbox().exec("echo", "hello").join();
 * }
 * }</pre>
 *
 * <p>Once the service has refused a sandbox because its job is sealed, the session asks for no
 * other one of that job: starting one fails with {@link
 * io.sandbeam.service.SandboxSealedException}.
 *
 * <p>A sandbox that was stopped, or was seen to have ended, drops out, so that a session may live
 * through any number of them. Safe for use by any number of threads.
 */
public final class Session implements AutoCloseable {
  /** Stops in flight while closing: enough to hide latency, not enough to swamp a service. */
  private static final int PARALLEL_STOPS = 64;

  private final SandboxService service;
  private final SandboxDefaults defaults;
  private final Timing timing;
  private final Ledger ledger = new Ledger();
  private CompletableFuture<Void> closing;

  private Session(SandboxService service, SandboxDefaults defaults, Timing timing) {
    this.service = service;
    this.defaults = defaults;
    this.timing = timing;
  }

  /** Opens a session; calls nothing and creates nothing. The service stays the caller's. */
  public static Session open(SandboxService service, SandboxDefaults defaults) {
    return open(service, defaults, Timing.system());
  }

  /** As {@link #open(SandboxService, SandboxDefaults)}, on another clock: for tests. */
  public static Session open(SandboxService service, SandboxDefaults defaults, Timing timing) {
    return new Session(service, defaults, timing);
  }

  /** A sandbox with the defaults. Lazy: nothing is created before it is used. */
  public Sandbox sandbox() {
    return sandbox(SandboxDefaults.none());
  }

  /**
   * A sandbox with the defaults and what {@code overrides} says; see {@link
   * SandboxDefaults#mergedWith}.
   *
   * @throws SandboxException when the session is closed
   */
  public Sandbox sandbox(SandboxDefaults overrides) {
    Sandbox sandbox = Sandbox.owned(service, defaults.mergedWith(overrides), timing);
    ledger.add(sandbox);
    return sandbox;
  }

  /**
   * The active sandboxes that carry the tags of the defaults and these. Not tracked: {@link #adopt}
   * does that.
   */
  public CompletableFuture<List<Sandbox>> list(String... tags) {
    Set<Tag> all = new LinkedHashSet<>(defaults.tags());
    all.addAll(Tag.setOf(tags));
    return Sandboxes.list(service, all, timing);
  }

  /** A handle of an existing sandbox, tracked as if adopted. */
  public CompletableFuture<Sandbox> fromId(String id) {
    return Sandbox.fromId(service, id, timing)
        .thenApply(
            sandbox -> {
              adopt(sandbox);
              return sandbox;
            });
  }

  /**
   * Makes a sandbox from elsewhere one of this session's, to be stopped by its close. One that has
   * ended drops out at once; one that is tracked already changes nothing.
   *
   * @throws SandboxException when the session is closed, or the handle was never started
   */
  public void adopt(Sandbox sandbox) {
    if (sandbox.id().isEmpty()) {
      throw new SandboxException(
          "A sandbox without an id cannot be adopted: start it first, or take it from sandbox()");
    }
    ledger.adopt(sandbox);
    sandbox.coveredByHook();
  }

  /** How many sandboxes it tracks: not stopped, and not seen to have ended. */
  public int sandboxCount() {
    return ledger.size();
  }

  /** What became of its sandboxes so far. */
  public SessionCounts counts() {
    return ledger.counts();
  }

  /**
   * Stops all its sandboxes, many at a time; completes when they are gone. From now on {@link
   * #sandbox} and {@link #adopt} refuse, and sandboxes that were not started stay so.
   *
   * <p>When some cannot be stopped the future fails with a {@link SandboxException} that names
   * them, with each failure suppressed in it. They stay tracked: closing again tries them again.
   * Calls while one is under way join it.
   */
  public CompletableFuture<Void> closeAsync() {
    CompletableFuture<Void> mine;
    synchronized (this) {
      if (closing != null && !closing.isDone()) {
        return closing.copy();
      }
      mine = new CompletableFuture<>();
      closing = mine;
    }
    List<Sandbox> open = ledger.close();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Sandbox> left = Collections.synchronizedList(new ArrayList<>());
    Watch.end(
        AsyncLoop.forEach(
            open.iterator(),
            Math.max(1, Math.min(PARALLEL_STOPS, open.size())),
            sandbox ->
                sandbox
                    .stop()
                    .handle(
                        (result, failure) -> {
                          if (failure != null && ledger.tracks(sandbox)) {
                            left.add(sandbox);
                            failures.add(Failures.cause(failure));
                          }
                          return null;
                        })),
        (end, failure) -> {
          if (failure != null) {
            mine.completeExceptionally(Failures.of(failure));
          } else if (left.isEmpty()) {
            mine.complete(null);
          } else {
            mine.completeExceptionally(leftBehind(open.size(), left, failures));
          }
        });
    return mine.copy();
  }

  /** As {@link #closeAsync()}, and waits. Idempotent. */
  @Override
  public void close() {
    Failures.join(closeAsync());
  }

  private SandboxException leftBehind(int of, List<Sandbox> left, List<Throwable> failures) {
    List<String> names = Sandbox.names(left);
    int shown = Math.min(10, names.size());
    SandboxException failure =
        new SandboxException(
            "Could not stop "
                + left.size()
                + " of "
                + of
                + " sandboxes: "
                + String.join(", ", names.subList(0, shown))
                + (shown < names.size() ? ", …" : "")
                + ": "
                + failures.get(0).getMessage()
                + ". They stay tracked: close the session again, or sweep their tags",
            failures.get(0));
    failures.stream().skip(1).forEach(failure::addSuppressed);
    return failure;
  }
}
