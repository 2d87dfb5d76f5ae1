package io.sandbeam.sandbox;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.OnFailure;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxExecutionException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A handle of one sandbox. {@link #close()} means gone: it returns when the sandbox has ended, or
 * throws.
 *
 * <pre>{@code
 * try (Sandbox sandbox = Sandbox.run(service, defaults)) {
 *   sandbox.exec("echo", "hello").join();
 * }
 * }</pre>
 *
 * <p>A handle from {@link Session#sandbox()} is lazy: {@link #start()}, {@link #exec}, {@link
 * #readFile}, {@link #writeFile}, {@link #snapshot} and the waits create the sandbox; nothing else
 * does. Created at most once, whatever the network does: see {@link #start()}. Every sandbox that
 * this JVM creates is stopped by its {@link ShutdownHook}, too.
 *
 * <p>Safe for use by any number of threads. Futures fail with a {@link SandboxException};
 * cancelling one stops nothing but, for {@link #exec}, the command.
 */
public final class Sandbox implements AutoCloseable {
  /** The most bytes of a file in memory: 256 MiB, as in the Sandbox v1 SDKs. */
  public static final int MAX_FILE_BYTES = 256 * 1024 * 1024;

  /** How much later than a lifetime we still wait for the service to say that it is over. */
  private static final Duration LIFETIME_SLACK = Duration.ofMinutes(1);

  private final SandboxService service;
  private final Timing timing;
  private final Duration startTimeout;
  private final StopOptions stopOptions;
  private final Startup startup;
  private final Lifecycle lifecycle;

  private Sandbox(SandboxService service, SandboxDefaults defaults, Timing timing) {
    this.service = service;
    this.timing = timing;
    this.startTimeout = defaults.startTimeout();
    this.stopOptions = defaults.stopOptions();
    this.lifecycle = new Lifecycle(this, service, timing);
    this.startup = Startup.of(service, defaults.toSpec(), timing, lifecycle);
  }

  private Sandbox(SandboxService service, SandboxInfo info, Timing timing) {
    this.service = service;
    this.timing = timing;
    this.startTimeout = SandboxDefaults.DEFAULT_START_TIMEOUT;
    this.stopOptions = StopOptions.DEFAULT;
    this.lifecycle = new Lifecycle(this, service, timing);
    this.startup = Startup.done(service, info, timing, lifecycle);
    lifecycle.observe(info);
  }

  /**
   * Creates a sandbox; returns when the service has accepted that, running or not. Blocks.
   *
   * @param command the main process; none means that of {@code defaults}, or a sandbox that stays
   *     until it is stopped
   * @throws SandboxException when it could not be created; then nothing is left behind, unless the
   *     exception says so
   */
  public static Sandbox run(SandboxService service, SandboxDefaults defaults, String... command) {
    SandboxDefaults own =
        command.length == 0 ? defaults : defaults.toBuilder().command(command).build();
    Sandbox sandbox = owned(service, own, Timing.system());
    try {
      Failures.join(sandbox.start());
      return sandbox;
    } catch (SandboxException e) {
      // The caller gets no handle, so nobody else could end what an unanswered create has made.
      try {
        sandbox.close();
      } catch (SandboxException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /**
   * A handle of an existing sandbox, also of one that has ended; reads it once. Blocks. Nobody
   * stops it unless you do, or a session adopts it.
   *
   * @throws io.sandbeam.service.SandboxNotFoundException when there is none
   */
  public static Sandbox fromId(SandboxService service, String id) {
    return Failures.join(fromId(service, id, Timing.system()));
  }

  static CompletableFuture<Sandbox> fromId(SandboxService service, String id, Timing timing) {
    return new Retry(timing)
        .run(RetryPolicy.POLLS, "get sandbox " + id, () -> service.get(id))
        .thenApply(info -> of(service, info, timing));
  }

  static Sandbox of(SandboxService service, SandboxInfo info, Timing timing) {
    return new Sandbox(service, info, timing);
  }

  /** Not created yet; covered by the shutdown hook once it is. */
  static Sandbox owned(SandboxService service, SandboxDefaults defaults, Timing timing) {
    Sandbox sandbox = new Sandbox(service, defaults, timing);
    sandbox.coveredByHook();
    return sandbox;
  }

  void coveredByHook() {
    // A virtual clock does not move while a JVM ends.
    if (timing == Timing.system()) {
      lifecycle.trackedBy(ShutdownHook.TRACKER);
    }
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  List<Tag> jobs() {
    return startup.jobs();
  }

  /** Its id; empty until its create was answered. */
  public Optional<String> id() {
    return startup.id();
  }

  /**
   * Creates the sandbox, unless that was done. Completes when the service has accepted it.
   *
   * <p>The create carries one request id. While answers are ambiguous (an error that does not say
   * what was done, or no answer), it is repeated with the same id for 30 seconds, with growing
   * delays or as the service asks, and then looked up by its tags. If it is in doubt even then, the
   * future fails with the effect UNKNOWN; calling again, or stopping, takes up the same id. After a
   * definite rejection, calling again is a new create.
   */
  public CompletableFuture<SandboxInfo> start() {
    return startup.start();
  }

  /** What the service reports now. Starts nothing. */
  public CompletableFuture<SandboxInfo> info() {
    Optional<String> id = startup.id();
    return id.isEmpty()
        ? CompletableFuture.failedFuture(
            new SandboxException("This sandbox has not been started: it has no state yet"))
        : new Retry(timing)
            .run(RetryPolicy.POLLS, "get sandbox " + id.get(), () -> service.get(id.get()))
            .whenComplete((info, failure) -> lifecycle.observe(info, failure));
  }

  /**
   * Starts it and waits until it is usable. Fails with {@link SandboxNotRunningException} when it
   * has ended or is ending, and with {@link io.sandbeam.service.SandboxTimeoutException} after
   * {@link SandboxDefaults#startTimeout()}; the sandbox goes on then.
   */
  public CompletableFuture<SandboxInfo> waitUntilRunning() {
    return start()
        .thenCompose(
            info -> {
              SandboxInfo last = lifecycle.lastSeen().orElse(info);
              return beyondStart(last)
                  ? CompletableFuture.completedFuture(last)
                  : lifecycle
                      .poller(info.id())
                      .await(
                          Sandbox::beyondStart,
                          startTimeout,
                          "Sandbox "
                              + info.id()
                              + " was not running after "
                              + Retry.seconds(startTimeout)
                              + ": raise startTimeout, or ask the service what it waits for");
            })
        .thenApply(Sandbox::usable);
  }

  private static boolean beyondStart(SandboxInfo info) {
    return info.state() != SandboxState.PENDING
        && info.state() != SandboxState.CREATING
        && info.state() != SandboxState.UNSPECIFIED;
  }

  private static SandboxInfo usable(SandboxInfo info) {
    if (info.state() == SandboxState.RUNNING || info.state() == SandboxState.PAUSED) {
      return info;
    }
    throw new SandboxNotRunningException(info.id(), info.state(), info.stateReason());
  }

  /**
   * Starts it and waits until it has ended, however it ended: look at the state. Waits as long as
   * its lifetime and a minute more.
   */
  public CompletableFuture<SandboxInfo> waitUntilComplete() {
    return start()
        .thenCompose(
            info -> {
              SandboxInfo last = lifecycle.lastSeen().orElse(info);
              return last.isTerminal()
                  ? CompletableFuture.completedFuture(last)
                  : lifecycle
                      .poller(info.id())
                      .await(
                          SandboxInfo::isTerminal,
                          info.effectiveMaxLifetime().plus(LIFETIME_SLACK),
                          "Sandbox "
                              + info.id()
                              + " has outlived its lifetime of "
                              + info.effectiveMaxLifetime()
                              + ": type: scripts/sandbeam delete "
                              + info.id());
            });
  }

  /** As {@link #exec(ExecRequest)}, with the defaults of {@link ExecRequest}. */
  public CompletableFuture<ExecResult> exec(String... command) {
    return exec(ExecRequest.of(command));
  }

  /**
   * Starts the sandbox, waits until it runs, and runs a command in it. A command that fails is a
   * result like any other, unless the request says {@link OnFailure#THROW}: then the future fails
   * with {@link SandboxExecutionException}, the whole result in it. Never repeated by itself.
   * Cancelling the future asks the service to kill the command.
   */
  public CompletableFuture<ExecResult> exec(ExecRequest request) {
    CompletableFuture<ExecResult> result = new CompletableFuture<>();
    Watch.end(
        whenRunning(
            id -> {
              if (result.isDone()) {
                return result;
              }
              CompletableFuture<ExecResult> call = Execution.of(service, timing).run(id, request);
              Watch.end(
                  result,
                  (done, failure) -> {
                    if (result.isCancelled()) {
                      call.cancel(true);
                    }
                  });
              return call;
            }),
        (value, failure) -> {
          if (failure != null) {
            result.completeExceptionally(Failures.of(failure));
          } else if (request.onFailure() == OnFailure.THROW && !value.succeeded()) {
            result.completeExceptionally(new SandboxExecutionException(value));
          } else {
            result.complete(value);
          }
        });
    return result;
  }

  /**
   * Starts the sandbox and reads a file of it; see {@link SandboxService#readFile}. A file above
   * {@link SandboxService#MAX_FILE_BYTES} is read in pieces, one command each, and needs {@code dd}
   * in the sandbox; above {@link #MAX_FILE_BYTES} it is {@code TOO_LARGE}.
   */
  public CompletableFuture<byte[]> readFile(String path) {
    return whenRunning(id -> new FilePieces(service, timing, id, path).read(MAX_FILE_BYTES));
  }

  /**
   * Starts the sandbox and reads a piece of a file: of one up to {@link
   * SandboxService#MAX_FILE_BYTES} the whole, and no piece holds more. There is no limit on the
   * file. One that changes meanwhile gives pieces of before and after.
   *
   * @param from 0, or the {@link FilePiece#next} of the piece before
   */
  public CompletableFuture<FilePiece> readFile(String path, long from) {
    return whenRunning(id -> new FilePieces(service, timing, id, path).piece(from));
  }

  /**
   * Starts the sandbox and writes a file into it; see {@link SandboxService#writeFile}. A file
   * above {@link SandboxService#MAX_FILE_BYTES} is written in pieces, one command each: it needs
   * {@code dd} in the sandbox, and a failure may leave a part of it there. Above {@link
   * #MAX_FILE_BYTES} it is {@code TOO_LARGE}.
   */
  public CompletableFuture<Void> writeFile(String path, byte[] content) {
    return whenRunning(
        id -> new FilePieces(service, timing, id, path).write(content, MAX_FILE_BYTES));
  }

  /**
   * Starts the sandbox, archives {@link SandboxSpec#WORKSPACE} and waits until the archive is
   * ready. Fails with {@link io.sandbeam.service.SandboxSnapshotException}.
   */
  public CompletableFuture<Snapshot> snapshot() {
    RequestId requestId = Startup.mint(timing.random());
    return whenRunning(id -> new Snapshotting(service, timing).take(id, requestId));
  }

  private <T> CompletableFuture<T> whenRunning(Function<String, CompletableFuture<T>> action) {
    Optional<SandboxState> ending = lifecycle.ending();
    if (ending.isPresent()) {
      return CompletableFuture.failedFuture(
          new SandboxNotRunningException(
              id().orElse("(never started)"), ending.get(), "it was stopped here"));
    }
    return waitUntilRunning().thenCompose(info -> action.apply(info.id()));
  }

  /** As {@link #stop(StopOptions)}, with the grace of the defaults it was made with. */
  public CompletableFuture<StopResult> stop() {
    return stop(stopOptions);
  }

  /**
   * Ends the sandbox; completes when it is gone. A create under way is waited for; one in doubt is
   * cleared up first; a sandbox that was never started stays so for good.
   *
   * <p>Calls while one is under way join it, and its options hold. After a success, further calls
   * give the same result. A failed stop leaves the sandbox where it is tracked, and can be tried
   * again. Retried for 30 seconds while the service is unavailable; fails with {@link
   * io.sandbeam.service.SandboxTimeoutException} ("stuck") when the service accepts the delete but
   * the sandbox does not end within the grace period and a minute more.
   */
  public CompletableFuture<StopResult> stop(StopOptions options) {
    return lifecycle.stop(options, startup);
  }

  /**
   * Stops it and waits: afterwards it is gone.
   *
   * @throws SandboxException when it may be alive; closing again tries again
   */
  @Override
  public void close() {
    Failures.join(stop());
  }

  @Override
  public String toString() {
    return "Sandbox{" + id().orElse("not started") + "}";
  }

  /** The ids of some sandboxes, for messages. */
  static List<String> names(List<Sandbox> sandboxes) {
    return sandboxes.stream().map(sandbox -> sandbox.id().orElse("(create in doubt)")).toList();
  }
}
