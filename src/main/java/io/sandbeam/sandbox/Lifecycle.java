package io.sandbeam.sandbox;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What is known of one sandbox, who is told, and the one stop under way.
 *
 * <p>Gone is final and told once, whoever learns it first: a stop, or a look that saw it ended.
 */
final class Lifecycle implements Startup.Listener {
  private final Sandbox sandbox;
  private final SandboxService service;
  private final Timing timing;
  private final List<Tracker> trackers = new ArrayList<>();
  private SandboxInfo lastSeen;
  private StopOutcome outcome;
  private Poller poller;
  private CompletableFuture<StopResult> stop;
  private StopOptions receiptOptions;
  private RequestId receipt;

  Lifecycle(Sandbox sandbox, SandboxService service, Timing timing) {
    this.sandbox = sandbox;
    this.service = service;
    this.timing = timing;
  }

  /** Adds a tracker, once; one that comes too late is told at once. */
  void trackedBy(Tracker tracker) {
    StopOutcome known;
    synchronized (this) {
      known = outcome;
      if (known == null) {
        if (!trackers.contains(tracker)) {
          trackers.add(tracker);
        }
        return;
      }
    }
    tracker.gone(sandbox, known);
  }

  @Override
  public void starting() {
    trackers().forEach(tracker -> tracker.starting(sandbox));
  }

  @Override
  public void notStarted(SandboxException why) {
    trackers().forEach(tracker -> tracker.notStarted(sandbox, why));
  }

  @Override
  public void created(SandboxInfo info) {
    trackers().forEach(tracker -> tracker.created(sandbox));
    observe(info);
  }

  synchronized Optional<SandboxInfo> lastSeen() {
    return Optional.ofNullable(lastSeen);
  }

  /** Present once a stop was asked for or the sandbox was seen to have ended. */
  synchronized Optional<SandboxState> ending() {
    if (outcome != null) {
      return Optional.of(
          lastSeen != null && lastSeen.isTerminal() ? lastSeen.state() : SandboxState.TERMINATED);
    }
    return stop == null ? Optional.empty() : Optional.of(SandboxState.TERMINATING);
  }

  synchronized Poller poller(String id) {
    if (poller == null) {
      poller = new Poller(service, id, timing, this::observe);
    }
    return poller;
  }

  void observe(SandboxInfo info, Throwable failure) {
    if (failure == null) {
      observe(info);
    }
  }

  void observe(SandboxInfo info) {
    boolean ended;
    synchronized (this) {
      // Answers may overtake each other; terminal is final.
      if (lastSeen == null || !lastSeen.isTerminal()) {
        lastSeen = info;
      }
      // While a stop is under way it tells how the end came.
      ended = lastSeen.isTerminal() && !stopping();
    }
    if (ended) {
      gone(StopOutcome.ALREADY_ENDED);
    }
  }

  CompletableFuture<StopResult> stop(StopOptions options, Startup startup) {
    CompletableFuture<StopResult> mine;
    synchronized (this) {
      if (stop != null && !stop.isCompletedExceptionally()) {
        return stop.copy();
      }
      mine = new CompletableFuture<>();
      stop = mine;
    }
    Watch.end(
        startup.settle().thenCompose(id -> id.isEmpty() ? neverStarted() : end(id.get(), options)),
        (result, failure) -> {
          if (failure == null) {
            result.sandbox().ifPresent(this::remember);
            gone(result.outcome());
            mine.complete(result);
          } else {
            failed(Failures.of(failure), mine);
          }
        });
    return mine.copy();
  }

  private CompletableFuture<StopResult> end(String id, StopOptions options) {
    RequestId receipt;
    synchronized (this) {
      if (lastSeen != null && lastSeen.isTerminal()) {
        return CompletableFuture.completedFuture(
            new StopResult(Optional.of(lastSeen), List.of(), StopOutcome.ALREADY_ENDED));
      }
      // A receipt stands for one exact request.
      if (!options.equals(receiptOptions)) {
        receiptOptions = options;
        this.receipt = Startup.mint(timing.random());
      }
      receipt = this.receipt;
    }
    return new Stopping(service, timing, poller(id), id, options, receipt).run();
  }

  private static CompletableFuture<StopResult> neverStarted() {
    return CompletableFuture.completedFuture(
        new StopResult(Optional.empty(), List.of(), StopOutcome.NEVER_STARTED));
  }

  private void failed(Throwable why, CompletableFuture<StopResult> mine) {
    if (why instanceof SandboxNotFoundException) {
      gone(StopOutcome.ALREADY_GONE);
    } else {
      trackers().forEach(tracker -> tracker.stopFailed(sandbox, why));
    }
    mine.completeExceptionally(why);
  }

  private synchronized void remember(SandboxInfo info) {
    lastSeen = info;
  }

  private synchronized boolean stopping() {
    return stop != null && !stop.isDone();
  }

  private synchronized List<Tracker> trackers() {
    return List.copyOf(trackers);
  }

  private void gone(StopOutcome how) {
    List<Tracker> told;
    synchronized (this) {
      if (outcome != null) {
        return;
      }
      outcome = how;
      told = List.copyOf(trackers);
      trackers.clear();
    }
    told.forEach(tracker -> tracker.gone(sandbox, how));
  }
}
