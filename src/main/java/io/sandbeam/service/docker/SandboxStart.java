package io.sandbeam.service.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.sandbeam.service.Effect;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.leased.Lifecycle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The way of one sandbox from the create of its container until it is usable. */
final class SandboxStart implements SandboxOutput.Reports {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final SandboxParts parts;
  private final RequestId requestId;
  private final SandboxEnd end;
  private final Supplier<CompletableFuture<Void>> setUp;
  private final Runnable main;

  /**
   * @param setUp runs inside the started container before it is usable
   * @param main starts the main process
   */
  SandboxStart(
      SandboxParts parts,
      RequestId requestId,
      SandboxEnd end,
      Supplier<CompletableFuture<Void>> setUp,
      Runnable main) {
    this.parts = parts;
    this.requestId = requestId;
    this.end = end;
    this.setUp = setUp;
    this.main = main;
  }

  /** Creates and starts it. Runs on a thread that may wait; failures show in {@code usable}. */
  void start(String secret, SandboxOutput output) {
    try {
      if (parts.life().isOver()) {
        end.finish();
      } else if (isMade()) {
        bringUp(secret, output);
      }
    } catch (RuntimeException e) {
      failed(EngineFailure.asSandboxException(e));
    } finally {
      end.startIsOver();
    }
  }

  private void bringUp(String secret, SandboxOutput output) {
    // First of all: an engine may answer none of what follows.
    var unused = parts.later(LIMIT, this::tookTooLong);
    end.enforceLifetime();
    // Now every list shows it.
    parts.context().seals().requireOpen(parts.spec());
    output.readAll(() -> parts.engine().attach(parts.id()), parts.lease(), end::streamEnded);
    Attachment attached = parts.lease().await(LIMIT);
    parts.engine().start(parts.id());
    attached.send(secret + " " + (parts.life().remaining().toSeconds() + 1));
    learnTimes();
  }

  /** Whether there is a container now. */
  private boolean isMade() {
    try {
      make();
      return true;
    } catch (SandboxException e) {
      if (e.effect() == Effect.UNKNOWN) {
        throw e;
      }
      // There is nothing to end, or another one has the name: it is not ours to end.
      parts.milestones().failAs(e);
      parts.life().end(notStarted(e));
      end.finish();
      return false;
    }
  }

  /** The engine takes a name once: a create whose answer was lost is found again by it. */
  private void make() {
    if (parts.engine().create(parts.plan()).isPresent()) {
      return;
    }
    String id = parts.id();
    InspectContainerResponse found = parts.engine().inspect(id).orElse(null);
    if (found == null) {
      throw new SandboxUnavailableException(
          "The name " + id + " is taken by a container that is not ours, or was until now",
          null,
          Effect.NONE,
          Duration.ofSeconds(1));
    }
    if (!Labels.match(found.getConfig().getLabels(), parts.spec())) {
      throw new SandboxAlreadyExistsException(requestId);
    }
    String status = String.valueOf(found.getState().getStatus());
    if (status.equals("created")) {
      return;
    }
    if (status.equals("running") || status.equals("paused")) {
      throw new SandboxAlreadyExistsException(
          "Request " + requestId + " is the sandbox " + id + " of another client", null);
    }
    // It is being removed: the name is free in a moment.
    parts.engine().remove(found.getId());
    throw new SandboxUnavailableException(
        "Sandbox " + id + " is still being removed", null, Effect.NONE, Duration.ofSeconds(1));
  }

  private static Lifecycle.Ending notStarted(SandboxException failure) {
    return Lifecycle.Ending.failed("it could not be started: " + failure.getMessage());
  }

  private void learnTimes() {
    parts
        .engine()
        .inspect(parts.id())
        .ifPresent(
            found -> {
              parts.life().times(OtherSandboxes.created(found), OtherSandboxes.started(found));
              readyAndKnown();
            });
  }

  private void failed(SandboxException failure) {
    if (!parts.life().isOver()) {
      // Otherwise this is what became of its end, and not the reason.
      parts.milestones().failAs(failure);
    }
    end.end(notStarted(failure), Duration.ZERO);
  }

  private void tookTooLong() {
    if (!parts.life().isReady() && !parts.life().isTerminal()) {
      end.fail("it did not start within " + LIMIT.toSeconds() + " s");
    }
  }

  @Override
  public void ready() {
    parts.life().ready();
    readyAndKnown();
  }

  @Override
  public void fatal(String why) {
    if (!parts.life().isReady()) {
      // Another try would not help.
      parts.milestones().failAs(Images.refusal(parts.plan().image(), why, null));
    }
    end.fail("its image cannot carry it: " + why);
  }

  private void readyAndKnown() {
    if (!parts.life().beginSetUp()) {
      return;
    }
    CompletableFuture<Void> prepared;
    try {
      prepared = setUp.get();
    } catch (RuntimeException e) {
      prepared = CompletableFuture.failedFuture(e);
    }
    var unused = prepared.whenComplete((nothing, failure) -> nowUsable(failure));
  }

  private void nowUsable(Throwable failure) {
    if (failure != null) {
      SandboxException cause = EngineFailure.asSandboxException(failure);
      end.fail("its set-up failed: " + cause.getMessage());
      parts.milestones().failAs(cause);
      return;
    }
    if (!parts.life().run()) {
      return;
    }
    if (!parts.spec().command().isEmpty()) {
      main.run();
    }
    SandboxInfo info = parts.life().info();
    parts.onWorker(() -> parts.milestones().usable().complete(info));
  }
}
