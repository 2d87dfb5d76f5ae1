package io.sandbeam.sandbox;

import io.sandbeam.service.Effect;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.Tag;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The birth of one sandbox: created once, or certainly never.
 *
 * <pre>
 * Unstarted → Asking → Started
 *     ↑         │ ↑
 *     └─reject──┤ └─ask again, same id
 *               └→ InDoubt
 * </pre>
 *
 * <p>The request id is minted when the create is first asked for, and freed only by a definite
 * rejection with no ambiguous answer before it. It is also an annotation of the sandbox, {@link
 * #REQUEST_ANNOTATION}, so that a sandbox whose create was never answered can be told apart from
 * its siblings with the same tags. (An annotation and not a tag: tags are what users select by.)
 */
final class Startup {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  static final String REQUEST_ANNOTATION = "sandbeam-request-id";

  private sealed interface State {}

  /** What a create is sent for. */
  private enum Purpose {
    USE,
    END
  }

  private record Unstarted() implements State {}

  private record Asking(RequestId requestId, CompletableFuture<SandboxInfo> answer)
      implements State {}

  private record InDoubt(RequestId requestId, SandboxException why) implements State {}

  private record Started(SandboxInfo info) implements State {}

  private final SandboxService service;
  private final SandboxSpec spec;
  private final Timing timing;
  private final Listener listener;
  private State state;
  private boolean sealed;

  /** Told outside of all locks. */
  interface Listener {
    /** A create is about to go out; throws when none may. */
    void starting();

    /** A create was definitely refused, or did not go out. */
    void notStarted(SandboxException why);

    /** It is known to exist; told once. */
    void created(SandboxInfo info);
  }

  private Startup(
      SandboxService service, SandboxSpec spec, Timing timing, Listener listener, State state) {
    this.service = service;
    this.spec = spec;
    this.timing = timing;
    this.listener = listener;
    this.state = state;
  }

  /** Of a sandbox that is to be created when it is used. */
  static Startup of(SandboxService service, SandboxSpec spec, Timing timing, Listener listener) {
    return new Startup(service, spec, timing, listener, new Unstarted());
  }

  /** Of a sandbox that exists. */
  static Startup done(SandboxService service, SandboxInfo info, Timing timing, Listener listener) {
    return new Startup(service, info.spec(), timing, listener, new Started(info));
  }

  /** The jobs it is created for; in general one. */
  List<Tag> jobs() {
    return spec.jobs();
  }

  /** Its id, once known. */
  synchronized Optional<String> id() {
    return state instanceof Started started ? Optional.of(started.info().id()) : Optional.empty();
  }

  /** Creates it, or joins the create under way, or takes up one that is in doubt. */
  CompletableFuture<SandboxInfo> start() {
    return ask(Purpose.USE);
  }

  /**
   * Ends the birth, so that the sandbox can be ended: no create goes out afterwards but to clear a
   * doubt. Answers with the id, or empty when it certainly was never created; fails when that
   * cannot be found out now, and may then be called again.
   */
  CompletableFuture<Optional<String>> settle() {
    CompletableFuture<SandboxInfo> underway;
    synchronized (this) {
      sealed = true;
      underway = state instanceof Asking asking ? asking.answer() : null;
    }
    return underway == null
        ? clearDoubt()
        : underway.exceptionally(failure -> null).thenCompose(end -> clearDoubt());
  }

  private CompletableFuture<Optional<String>> clearDoubt() {
    synchronized (this) {
      if (state instanceof Started started) {
        return CompletableFuture.completedFuture(Optional.of(started.info().id()));
      }
      if (state instanceof Unstarted) {
        return CompletableFuture.completedFuture(Optional.empty());
      }
    }
    // Asking once more is the only way to a certain answer: it gives the id of what the first
    // create made, or makes a sandbox that the stop then ends.
    return ask(Purpose.END)
        .handle(
            (info, failure) -> {
              if (failure == null) {
                return Optional.of(info.id());
              }
              if (Failures.cause(failure) instanceof SandboxSealedException) {
                return Optional.empty();
              }
              throw Failures.of(failure);
            });
  }

  private CompletableFuture<SandboxInfo> ask(Purpose purpose) {
    RequestId requestId = null;
    CompletableFuture<SandboxInfo> answer = new CompletableFuture<>();
    boolean doubtful = false;
    synchronized (this) {
      if (state instanceof Started started) {
        return CompletableFuture.completedFuture(started.info());
      }
      if (state instanceof Asking asking) {
        return asking.answer().copy();
      }
      // In one step with the choice of the state: once settled, nothing may be created for use.
      if (!sealed || purpose == Purpose.END) {
        doubtful = state instanceof InDoubt;
        requestId = state instanceof InDoubt doubt ? doubt.requestId() : mint(timing.random());
        state = new Asking(requestId, answer);
      }
    }
    if (requestId == null) {
      return CompletableFuture.failedFuture(
          new SandboxException("This sandbox was stopped before it was started: take a new one"));
    }
    if (!doubtful) {
      try {
        listener.starting();
      } catch (SandboxException e) {
        refused(e, answer);
        return answer;
      }
    }
    return create(requestId, answer, doubtful);
  }

  private CompletableFuture<SandboxInfo> create(
      RequestId requestId, CompletableFuture<SandboxInfo> answer, boolean doubtful) {
    SandboxSpec marked =
        spec.toBuilder().annotations(Map.of(REQUEST_ANNOTATION, requestId.value())).build();
    AtomicInteger doubts = new AtomicInteger(doubtful ? 1 : 0);
    Watch.end(
        new Retry(timing)
            .run(
                RetryPolicy.CALLS.withCallLimit(service.longestCreate()),
                "create a sandbox",
                () -> attempt(marked, requestId, doubts)),
        (info, failure) -> {
          if (failure != null) {
            failed(Failures.of(failure), requestId, answer, doubts.get() > 0);
          }
        });
    return answer.copy();
  }

  private CompletableFuture<SandboxInfo> attempt(
      SandboxSpec marked, RequestId requestId, AtomicInteger doubts) {
    // Counted before the call: one that is not answered in time leaves its doubt behind.
    doubts.incrementAndGet();
    CompletableFuture<SandboxInfo> call;
    try {
      call = service.create(marked, requestId);
    } catch (RuntimeException e) {
      call = CompletableFuture.failedFuture(e);
    }
    return call.whenComplete(
        (info, failure) -> {
          if (failure == null) {
            // Also an answer that comes after its limit: it names a sandbox that exists.
            born(info);
          } else if (Failures.of(failure).effect() == Effect.NONE) {
            doubts.decrementAndGet();
          }
        });
  }

  private void born(SandboxInfo info) {
    CompletableFuture<SandboxInfo> waiting = null;
    synchronized (this) {
      if (state instanceof Started known) {
        if (!known.info().id().equals(info.id())) {
          LOG.error(
              "One create made two sandboxes, {} and {}: the service does not honour request ids;"
                  + " delete the second one by hand",
              known.info().id(),
              info.id());
        }
        return;
      }
      if (state instanceof Asking asking) {
        waiting = asking.answer();
      }
      state = new Started(info);
    }
    listener.created(info);
    if (waiting != null) {
      waiting.complete(info);
    }
  }

  private void failed(
      SandboxException why,
      RequestId requestId,
      CompletableFuture<SandboxInfo> answer,
      boolean doubtful) {
    if (id().isPresent()) {
      return; // an answer came after its limit, and before this end of all tries
    }
    if (!doubtful) {
      refused(why, answer);
      return;
    }
    Watch.end(
        lookUp(requestId),
        (found, failure) -> {
          if (failure == null && found.isPresent()) {
            born(found.get());
            return;
          }
          if (failure == null && why instanceof SandboxSealedException) {
            refused(why, answer); // nothing is left that could still make it
            return;
          }
          SandboxException inDoubt = inDoubt(why, requestId);
          if (failure != null) {
            inDoubt.addSuppressed(Failures.cause(failure));
          }
          synchronized (this) {
            if (state instanceof Asking) {
              state = new InDoubt(requestId, inDoubt);
            }
          }
          answer.completeExceptionally(inDoubt);
        });
  }

  private void refused(SandboxException why, CompletableFuture<SandboxInfo> answer) {
    // Told before the next create can be asked for: that one is told of anew.
    listener.notStarted(why);
    synchronized (this) {
      if (state instanceof Asking) {
        state = new Unstarted();
      }
    }
    answer.completeExceptionally(why);
  }

  /** One try: a list that does not answer now leaves the doubt for later. */
  private CompletableFuture<Optional<SandboxInfo>> lookUp(RequestId requestId) {
    return new Listing(service, timing)
        .first(
            spec.tags(),
            info -> requestId.value().equals(info.spec().annotations().get(REQUEST_ANNOTATION)));
  }

  private SandboxException inDoubt(SandboxException why, RequestId requestId) {
    String message =
        why.getMessage()
            + ". A sandbox may exist all the same (request "
            + requestId
            + "): stop this one again, or sweep its tags: scripts/sweep --tag="
            + Tag.join(spec.tags()).replace(",", " --tag=");
    return new SandboxUnavailableException(
        message, why, Effect.UNKNOWN, why.retryAfter().orElse(null));
  }

  static RequestId mint(RandomGenerator random) {
    return new RequestId(new UUID(random.nextLong(), random.nextLong()).toString());
  }
}
