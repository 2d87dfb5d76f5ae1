package io.sandbeam.service.local;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSealedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The way of one sandbox from its first record until it is usable. */
final class SandboxStart {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final SandboxParts parts;
  private final SandboxEnd end;
  private final Supplier<CompletableFuture<Void>> setUp;
  private final Runnable main;

  /**
   * @param setUp runs inside the started sandbox before it is usable
   * @param main starts the main process
   */
  SandboxStart(
      SandboxParts parts, SandboxEnd end, Supplier<CompletableFuture<Void>> setUp, Runnable main) {
    this.parts = parts;
    this.end = end;
    this.setUp = setUp;
    this.main = main;
  }

  /** Records it, then starts it. Runs on a worker; failures show in {@code usable}. */
  void start(Image image, Limits limits, Watchdog.Listener listener) {
    try {
      parts.directory().create(image, parts.context().owner().watchdog());
      parts.writeRecord();
      // Every sweep can see it by now, so one that sealed the job is either seen here or sees this.
      parts.context().seals().requireOpen(parts.spec());
      if (parts.process().start(command(image, limits), parts.directory(), listener)) {
        parts.later(LIMIT, this::tookTooLong);
        parts.later(parts.life().remaining(), end::lifetimeIsOver);
      } else {
        end.finish();
      }
    } catch (SandboxSealedException e) {
      end.fail("it was refused: " + e.getMessage());
      parts.milestones().failAs(e);
      end.finish();
    } catch (IOException | RuntimeException e) {
      end.fail("it could not be started: " + e);
      end.finish();
    }
  }

  private BwrapCommand command(Image image, Limits limits) {
    LocalContext context = parts.context();
    return new BwrapCommand(
        context.identity().launcher(context.settings().bwrap()),
        image,
        parts.spec().network(),
        limits,
        parts.directory().control().toString(),
        parts.spec().restoreFrom().map(name -> context.snapshots().archive(name).toString()),
        parts.id());
  }

  private void tookTooLong() {
    if (parts.process().init().isEmpty()) {
      end.fail("bubblewrap did not start it within " + LIMIT.toSeconds() + " s");
      parts.process().killStart();
    }
  }

  /** The watchdog is there. */
  void ready() {
    try {
      if (!parts.process().settle()) {
        return;
      }
      if (parts.directory().isMarkedDeleted()) {
        end.stop(Duration.ZERO);
        return;
      }
    } catch (IOException | RuntimeException e) {
      end.fail("it could not be set up: " + e);
      return;
    }
    var unused = setUp.get().whenComplete((nothing, failure) -> nowUsable(failure));
  }

  private void nowUsable(Throwable failure) {
    if (failure != null) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      end.fail("its set-up failed: " + cause.getMessage());
      parts.milestones().failAs(cause);
      return;
    }
    if (!parts.life().run()) {
      return;
    }
    parts.writeRecordQuietly();
    if (parts.directory().isMarkedDeleted()) {
      // Another process read our record before it named process 1.
      end.stop(Duration.ZERO);
    } else if (!parts.spec().command().isEmpty()) {
      main.run();
    }
    SandboxInfo info = parts.info();
    parts.context().workers().execute(() -> parts.milestones().usable().complete(info));
  }
}
