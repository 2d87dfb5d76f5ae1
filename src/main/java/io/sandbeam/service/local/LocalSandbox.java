package io.sandbeam.service.local;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sandbox of this process, from its first record to its last.
 *
 * <p>Its state moves under its own monitor, which is never held while something waits. It is over
 * when nobody holds the reports' pipe and process 1 is gone from the process table; everything it
 * left on the host is removed before the terminal state shows.
 */
final class LocalSandbox implements Watchdog.Listener, Execution.Controls {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSandbox.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final int KILLED = 137;

  private final String id;
  private final SandboxSpec spec;
  private final Image image;
  private final Limits limits;
  private final LocalContext context;
  private final SandboxDirectory directory;
  private final Commands commands;
  private final Instant createTime;
  private final Function<LocalSandbox, CompletableFuture<Void>> setUp;

  private final CompletableFuture<SandboxInfo> usable = new CompletableFuture<>();
  private final CompletableFuture<SandboxInfo> gone = new CompletableFuture<>();

  private SandboxState state = SandboxState.CREATING;
  private String reason = "";
  private Optional<Instant> startTime = Optional.empty();
  private Optional<Instant> endTime = Optional.empty();
  private OptionalInt exitCode = OptionalInt.empty();
  private Optional<HostProcess> init = Optional.empty();
  private Optional<Cgroup> cgroup = Optional.empty();
  private Optional<Warden.Lease> lease = Optional.empty();
  private Optional<Ending> ending = Optional.empty();
  private Watchdog watchdog;
  private boolean killed;
  private long oomKillsSeen;

  /** Why it ends: the first cause counts. */
  private record Ending(SandboxState state, String reason, OptionalInt exitCode) {}

  /**
   * @param setUp runs inside the started sandbox before it is usable
   */
  LocalSandbox(
      String id,
      SandboxSpec spec,
      Image image,
      Limits limits,
      LocalContext context,
      Instant createTime,
      Function<LocalSandbox, CompletableFuture<Void>> setUp) {
    this.id = id;
    this.spec = spec;
    this.image = image;
    this.limits = limits;
    this.context = context;
    this.createTime = createTime;
    this.setUp = setUp;
    this.directory = new SandboxDirectory(context.owner().sandbox(id));
    this.commands = new Commands(directory, context, this);
  }

  String id() {
    return id;
  }

  SandboxSpec spec() {
    return spec;
  }

  /** Completes when it is usable, or with why it will never be. */
  CompletableFuture<SandboxInfo> usable() {
    return usable;
  }

  /** Completes when it is terminal and nothing of it is left. */
  CompletableFuture<SandboxInfo> gone() {
    return gone;
  }

  synchronized SandboxInfo info() {
    SandboxState shown =
        state == SandboxState.RUNNING && directory.isMarkedDeleted()
            ? SandboxState.TERMINATING
            : state;
    return new SandboxInfo(
        id,
        spec,
        shown,
        reason,
        createTime,
        startTime,
        endTime,
        exitCode,
        spec.maxLifetime(),
        context.host(),
        limits.inForce());
  }

  /** Records it, then starts it. Runs on a worker; failures show in {@link #usable()}. */
  void start() {
    try {
      directory.create(image, context.owner().watchdog());
      writeRecord();
      // Every sweep can see it by now, so one that sealed the job is either seen here or sees this.
      context.seals().requireOpen(spec);
      synchronized (this) {
        if (ending.isPresent()) {
          // Deleted before anything was started.
          watchdog = null;
        } else {
          cgroup = Optional.of(context.cgroups().create(id, limits));
          BwrapCommand command =
              new BwrapCommand(
                  context.identity().launcher(context.settings().bwrap()),
                  image,
                  spec.network(),
                  limits,
                  directory.control().toString(),
                  spec.restoreFrom().map(name -> context.snapshots().archive(name).toString()),
                  id);
          watchdog = Watchdog.start(id, command.argv(), directory.log(), this);
          schedule(START_LIMIT, this::startTookTooLong);
          schedule(remainingLifetime(), this::lifetimeIsOver);
          return;
        }
      }
      finish();
    } catch (SandboxSealedException e) {
      fail("it was refused: " + e.getMessage());
      var unused = gone.whenComplete((info, error) -> usable.completeExceptionally(e));
      finish();
    } catch (IOException | RuntimeException e) {
      fail("it could not be started: " + e);
      finish();
    }
  }

  /** Starts a job. Fails the future with {@link SandboxNotRunningException} when it may not. */
  CompletableFuture<Ended> run(Job job) {
    Execution execution;
    try {
      execution = commands.prepare(job);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(
          isOver()
              ? notRunning()
              : new io.sandbeam.service.SandboxUnavailableException(
                  "Sandbox " + id + ": a command could not be prepared: " + e,
                  e,
                  io.sandbeam.service.Effect.NONE,
                  null));
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    boolean started;
    synchronized (this) {
      started = accepts(job.kind()) && commands.start(execution, watchdog);
    }
    if (!started) {
      commands.discard(execution);
      return CompletableFuture.failedFuture(notRunning());
    }
    return execution.ended;
  }

  /** Kills a job of {@link #run} as its time limit would. */
  void cancel(CompletableFuture<Ended> job) {
    commands.find(job).ifPresent(Execution::requestKill);
  }

  /** TERM, the grace, KILL; a second call can only shorten the grace. */
  void stop(Duration grace) {
    end(SandboxState.TERMINATED, "", OptionalInt.empty(), grace);
  }

  /** It will be stopped, after our own last command in it: takes no others any more. */
  synchronized void announceEnd() {
    if (ending.isEmpty() && !state.isTerminal()) {
      ending = Optional.of(new Ending(SandboxState.TERMINATED, "", OptionalInt.empty()));
      state = SandboxState.TERMINATING;
    }
  }

  /** A record keeps what other processes can see; the last one is written when all else is gone. */
  void forget() {
    try {
      directory.remove();
    } catch (IOException e) {
      LOG.warn("Sandbox {}: its record cannot be removed; the next sweep will", id, e);
    }
  }

  private void end(SandboxState finalState, String why, OptionalInt code, Duration grace) {
    boolean now = grace.isZero() || grace.isNegative();
    synchronized (this) {
      if (state.isTerminal()) {
        return;
      }
      if (ending.isEmpty()) {
        ending = Optional.of(new Ending(finalState, why, code));
        state = SandboxState.TERMINATING;
      }
      if (!now && (watchdog == null || !watchdog.send("stop"))) {
        now = true;
      }
    }
    if (now) {
      kill();
    } else {
      context.workers().execute(this::writeRecordQuietly);
      schedule(grace, this::kill);
    }
  }

  private void fail(String why) {
    end(SandboxState.FAILED, why, OptionalInt.empty(), Duration.ZERO);
  }

  private void lifetimeIsOver() {
    fail("its lifetime of " + spec.maxLifetime() + " was exceeded");
  }

  private void startTookTooLong() {
    boolean late;
    synchronized (this) {
      late = init.isEmpty() && !state.isTerminal();
    }
    if (late) {
      fail("bubblewrap did not start it within " + START_LIMIT.toSeconds() + " s");
      HostProcess.childrenOf(watchdog.pid()).forEach(HostProcess::kill);
      HostProcess.of(watchdog.pid()).ifPresent(HostProcess::kill);
    }
  }

  private void kill() {
    synchronized (this) {
      killed = true;
      init.ifPresent(HostProcess::kill);
      if (watchdog != null) {
        watchdog.release();
      }
    }
  }

  @Override
  public void onReady() {
    try {
      synchronized (this) {
        init = HostProcess.childrenOf(watchdog.pid()).stream().findFirst();
        if (init.isEmpty()) {
          throw new IOException("bubblewrap has no child process");
        }
        if (killed) {
          init.get().kill();
          return;
        }
        cgroup.get().join(init.get());
        init.get().preferInOutOfMemory();
        lease = Optional.of(context.warden().watch(init.get(), remainingLifetime()));
      }
      if (directory.isMarkedDeleted()) {
        stop(Duration.ZERO);
        return;
      }
    } catch (IOException | RuntimeException e) {
      fail("it could not be set up: " + e);
      return;
    }
    CompletableFuture<Void> prepared = setUp.apply(this);
    var unused = prepared.whenComplete((nothing, failure) -> nowUsable(failure));
  }

  private void nowUsable(Throwable failure) {
    if (failure != null) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      fail("its set-up failed: " + cause.getMessage());
      // The first cause is what the caller sees, when the sandbox is gone.
      var unused = gone.whenComplete((info, error) -> usable.completeExceptionally(cause));
      return;
    }
    synchronized (this) {
      if (state != SandboxState.CREATING) {
        return;
      }
      state = SandboxState.RUNNING;
      startTime = Optional.of(Instant.now());
    }
    writeRecordQuietly();
    if (directory.isMarkedDeleted()) {
      // Another process read our record before it named process 1.
      stop(Duration.ZERO);
    } else if (!spec.command().isEmpty()) {
      var unused = run(commands.main(spec));
    }
    SandboxInfo info = info();
    context.workers().execute(() -> usable.complete(info));
  }

  @Override
  public void onExit(long sequence, int code, int all, int loose) {
    commands
        .finished(sequence, all)
        .ifPresent(
            execution -> {
              int left = execution.overlapped() ? loose : all;
              ExecOutcome outcome = execution.killed() ? ExecOutcome.TIMED_OUT : outcome(code);
              complete(execution, outcome, execution.killed() ? KILLED : code, left, all == 0);
            });
  }

  @Override
  public void onKilled(long sequence, int left) {
    commands
        .finished(sequence, left)
        .ifPresent(
            execution -> complete(execution, ExecOutcome.TIMED_OUT, KILLED, left, left == 0));
  }

  private void complete(
      Execution execution, ExecOutcome outcome, int code, int left, boolean clean) {
    Ended ended = commands.finish(execution, outcome, code, left, clean);
    if (execution.job.kind() == Job.Kind.MAIN) {
      String how =
          outcome == ExecOutcome.OUT_OF_MEMORY
              ? "its main process ran out of memory"
              : code == 0 ? "" : "its main process ended with exit code " + code;
      end(
          code == 0 ? SandboxState.COMPLETED : SandboxState.FAILED,
          how,
          OptionalInt.of(code),
          Duration.ZERO);
    }
    context
        .workers()
        .execute(
            () -> {
              commands.removeFiles(execution);
              execution.ended.complete(ended);
            });
  }

  private ExecOutcome outcome(int code) {
    return newOomKills() && code != 0 ? ExecOutcome.OUT_OF_MEMORY : ExecOutcome.EXITED;
  }

  private synchronized boolean newOomKills() {
    long kills = cgroup.map(Cgroup::oomKills).orElse(0L);
    boolean more = kills > oomKillsSeen;
    oomKillsSeen = kills;
    return more;
  }

  @Override
  public void onEnd() {
    Optional<HostProcess> first;
    synchronized (this) {
      first = init;
      watchdog.release();
    }
    if (first.isPresent() && first.get().isAlive()) {
      // The pipe is closed before the kernel has ended the last process of the namespace.
      first.get().kill();
      schedule(Duration.ofMillis(2), () -> context.workers().execute(this::onEnd));
      return;
    }
    boolean outOfMemory = newOomKills();
    if (remainingLifetime().isNegative()) {
      // The warden was faster than our timer.
      lifetimeIsOver();
    }
    synchronized (this) {
      if (ending.isEmpty()) {
        String complaints = directory.complaints();
        String why =
            directory.isMarkedDeleted()
                ? ""
                : outOfMemory
                    ? "its memory was used up"
                    : first.isEmpty()
                        ? "bubblewrap could not start it: " + complaints
                        : "its first process ended"
                            + (complaints.isEmpty() ? "" : ": " + complaints);
        ending =
            Optional.of(
                new Ending(
                    directory.isMarkedDeleted() ? SandboxState.TERMINATED : SandboxState.FAILED,
                    why,
                    OptionalInt.empty()));
        state = SandboxState.TERMINATING;
      }
    }
    for (Execution execution : commands.abandonAll()) {
      if (execution.killed() || outOfMemory) {
        Ended ended =
            commands.finish(
                execution,
                execution.killed() ? ExecOutcome.TIMED_OUT : ExecOutcome.OUT_OF_MEMORY,
                KILLED,
                0,
                false);
        context.workers().execute(() -> execution.ended.complete(ended));
      } else {
        execution.abandon();
        context.workers().execute(() -> execution.ended.completeExceptionally(notRunning()));
      }
    }
    finish();
  }

  /** Nothing is alive: removes what is on the host, then shows the terminal state. */
  private void finish() {
    commands.close();
    cgroup.ifPresent(Cgroup::remove);
    lease.ifPresent(Warden.Lease::end);
    try {
      directory.removeAllButRecord();
    } catch (IOException e) {
      LOG.warn("Sandbox {}: its files on the host cannot be removed; the next sweep will", id, e);
    }
    SandboxInfo info;
    synchronized (this) {
      Ending cause = ending.orElseThrow();
      state = cause.state();
      reason = cause.reason();
      exitCode = cause.exitCode();
      endTime = Optional.of(Instant.now());
      info = info();
    }
    writeRecordQuietly();
    context
        .workers()
        .execute(
            () -> {
              gone.complete(info);
              if (info.startTime().isPresent()) {
                // It ran, and was over before anybody was told: its create has succeeded.
                usable.complete(info);
              } else {
                usable.completeExceptionally(
                    new SandboxNotRunningException(id, info.state(), info.stateReason()));
              }
            });
  }

  @Override
  public void kill(Execution execution) {
    String how = commands.isAlone(execution) ? "all" : "tree";
    watchdog.send("kill " + execution.sequence + " " + execution.slot + " " + how);
  }

  @Override
  public void giveUp(Execution execution) {
    fail("a command could not be killed at its time limit");
  }

  @Override
  public void check(Execution execution) {
    watchdog.send("check " + execution.sequence + " " + execution.slot);
  }

  synchronized boolean isOver() {
    return state.isTerminal() || ending.isPresent();
  }

  private boolean accepts(Job.Kind kind) {
    return switch (state) {
      case RUNNING -> true;
      case CREATING, TERMINATING -> kind == Job.Kind.INTERNAL && !killed;
      default -> false;
    };
  }

  SandboxNotRunningException notRunning() {
    SandboxInfo info = info();
    String why = info.stateReason();
    synchronized (this) {
      if (why.isEmpty() && ending.isPresent()) {
        why = ending.get().reason();
      }
    }
    return new SandboxNotRunningException(id, info.state(), why);
  }

  private Duration remainingLifetime() {
    return Duration.between(Instant.now(), createTime.plus(spec.maxLifetime()));
  }

  private void schedule(Duration delay, Runnable task) {
    context.later(
        delay,
        () -> {
          synchronized (this) {
            if (state.isTerminal()) {
              return;
            }
          }
          task.run();
        });
  }

  /** One at a time, so that an older state never replaces a newer one. */
  private void writeRecord() throws IOException {
    synchronized (directory) {
      SandboxRecord record;
      synchronized (this) {
        record = new SandboxRecord(info(), init);
      }
      record.write(directory.path());
    }
  }

  private void writeRecordQuietly() {
    try {
      writeRecord();
    } catch (IOException e) {
      LOG.warn("Sandbox {}: its record cannot be written; other processes see an older one", id, e);
    }
  }

  /** For logs. */
  @Override
  public String toString() {
    return id;
  }
}
