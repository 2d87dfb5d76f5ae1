package io.sandbeam.service.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sandbox of this process, from the create of its container to the proof that it is gone.
 *
 * <p>Its state moves under its own monitor, which is never held while something waits. It is over
 * when the attached stream has ended and the engine has no such container any more.
 */
final class DockerSandbox implements Commands.Host, Attachment.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(DockerSandbox.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** After a polite end was asked for; then the engine is told to kill. */
  private static final Duration QUIT_LIMIT = Duration.ofSeconds(2);

  private final String id;
  private final SandboxSpec spec;
  private final ContainerPlan plan;
  private final RequestId requestId;
  private final Context context;
  private final Function<DockerSandbox, CompletableFuture<Void>> setUp;
  private final CompletableFuture<SandboxInfo> answer;
  private final String secret = Secret.mark();
  private final Commands commands = new Commands(this);
  private final KeptOutput complaints = new KeptOutput(500);
  private final Map<Channel, OutputScanner> scanners =
      Map.of(Channel.OUT, scanner(Channel.OUT), Channel.ERR, scanner(Channel.ERR));
  private final long bornNanos = System.nanoTime();

  private final CompletableFuture<SandboxInfo> usable = new CompletableFuture<>();
  private final CompletableFuture<SandboxInfo> gone = new CompletableFuture<>();

  private SandboxState state = SandboxState.CREATING;
  private String reason = "";
  private Instant createTime;
  private Optional<Instant> startTime = Optional.empty();
  private Optional<Instant> endTime = Optional.empty();
  private OptionalInt exitCode = OptionalInt.empty();
  private Optional<Ending> ending = Optional.empty();
  private Optional<Future<?>> lifetime = Optional.empty();
  private Attachment attachment;
  private boolean ready;
  private boolean setUpBegan;
  private boolean stopping;
  private boolean killed;

  /** Why it ends: the first cause counts. */
  private record Ending(SandboxState state, String reason, OptionalInt exitCode) {}

  /**
   * @param setUp runs inside the started container before it is usable
   * @param neverWas told before anybody else when it will never be usable
   */
  DockerSandbox(
      ContainerPlan plan,
      RequestId requestId,
      Context context,
      Function<DockerSandbox, CompletableFuture<Void>> setUp,
      Consumer<DockerSandbox> neverWas) {
    this.id = plan.name();
    this.spec = plan.spec();
    this.plan = plan;
    this.requestId = requestId;
    this.context = context;
    this.setUp = setUp;
    this.answer =
        usable.whenComplete(
            (info, failure) -> {
              if (failure != null) {
                neverWas.accept(this);
              }
            });
    this.createTime = context.facts().now();
  }

  String id() {
    return id;
  }

  SandboxSpec spec() {
    return spec;
  }

  /** Completes when it is usable, or with why it will never be. */
  CompletableFuture<SandboxInfo> usable() {
    return answer;
  }

  /** Completes when it is terminal and the engine has nothing of it. */
  CompletableFuture<SandboxInfo> gone() {
    return gone;
  }

  synchronized SandboxInfo info() {
    return new SandboxInfo(
        id,
        spec,
        state,
        reason,
        createTime,
        startTime,
        endTime,
        exitCode,
        spec.maxLifetime(),
        context.facts().host(),
        plan.limitsInForce());
  }

  /** Creates and starts it. Runs on a thread that may wait; failures show in {@link #usable()}. */
  void start() {
    try {
      if (isOver()) {
        finish();
        return;
      }
      make();
      // Now every list shows it.
      context.seals().requireOpen(spec);
      Attachment attached = context.engine().attach(id);
      synchronized (this) {
        attachment = attached;
      }
      Thread reader = new Thread(() -> readAll(attached), "sandbeam-docker-" + id);
      reader.setDaemon(true);
      reader.start();
      context.engine().start(id);
      attached.send(secret + " " + (remainingLifetime().toSeconds() + 1));
      learnTimes();
      later(START_LIMIT, this::startTookTooLong);
      synchronized (this) {
        lifetime = Optional.of(timer(remainingLifetime(), this::lifetimeIsOver));
      }
      if (isOver()) {
        // Deleted meanwhile, perhaps before there was anything to remove.
        forceRemove();
      }
    } catch (RuntimeException e) {
      startFailed(e);
    }
  }

  /** The engine takes a name once: a create whose answer was lost is found again by it. */
  private void make() {
    if (context.engine().create(plan).isPresent()) {
      return;
    }
    InspectContainerResponse found = context.engine().inspect(id).orElse(null);
    if (found != null && !Labels.match(found.getConfig().getLabels(), spec)) {
      throw new SandboxAlreadyExistsException(requestId);
    }
    String status = found == null ? "" : String.valueOf(found.getState().getStatus());
    if (status.equals("created")) {
      return;
    }
    if (status.equals("running") || status.equals("paused")) {
      throw new SandboxAlreadyExistsException(
          "Request " + requestId + " is the sandbox " + id + " of another client", null);
    }
    // It is being removed: the name is free in a moment.
    context.engine().remove(id);
    throw new SandboxUnavailableException(
        "Sandbox " + id + " is still being removed", null, Effect.NONE, Duration.ofSeconds(1));
  }

  private void learnTimes() {
    InspectContainerResponse found = context.engine().inspect(id).orElse(null);
    if (found == null) {
      return;
    }
    synchronized (this) {
      createTime = OtherSandboxes.created(found);
      startTime = OtherSandboxes.started(found);
    }
    readyAndKnown();
  }

  private void startFailed(RuntimeException e) {
    SandboxException failure = EngineFailure.asSandboxException(e);
    boolean notOurs = failure instanceof SandboxAlreadyExistsException;
    fail("it could not be started: " + failure.getMessage(), notOurs);
    var unused = gone.whenComplete((info, error) -> usable.completeExceptionally(failure));
    if (notOurs) {
      finish();
      return;
    }
    boolean attached;
    synchronized (this) {
      attached = attachment != null;
    }
    if (attached) {
      attachment.close();
    } else {
      remove(OptionalInt.empty());
    }
  }

  private OutputScanner scanner(Channel channel) {
    return new OutputScanner(
        secret,
        new OutputScanner.Sink() {
          @Override
          public void output(byte[] bytes, int offset, int length) {
            Optional<Execution> speaker = commands.speaker(channel);
            if (speaker.isPresent()) {
              speaker.get().output(channel, bytes, offset, length);
            } else if (channel == Channel.ERR) {
              complaints.write(bytes, offset, length);
            }
          }

          @Override
          public Optional<byte[]> token() {
            return commands.speaker(channel).map(execution -> execution.token);
          }

          @Override
          public void token(byte[] token) {
            commands.speaker(channel).ifPresent(execution -> commands.token(execution, channel));
          }

          @Override
          public void report(String text) {
            reported(channel, text);
          }
        });
  }

  private void readAll(Attachment attached) {
    try {
      attached.readAll(this);
      ended("");
    } catch (IOException | RuntimeException e) {
      LOG.debug("Sandbox {}: its stream broke", id, e);
      ended("the connection to its engine was lost: " + e.getMessage());
    }
  }

  @Override
  public void read(Channel channel, byte[] bytes, int length) {
    scanners.get(channel).scan(bytes, length);
  }

  private void reported(Channel channel, String text) {
    String[] words = text.split(" ", -1);
    switch (words[0]) {
      case "ready" -> {
        synchronized (this) {
          ready = true;
        }
        readyAndKnown();
      }
      case "fatal" -> fail("its image cannot carry it: " + text.substring(6), false);
      default -> commands.report(channel, words);
    }
  }

  private void readyAndKnown() {
    synchronized (this) {
      if (!ready || startTime.isEmpty() || state != SandboxState.CREATING || ending.isPresent()) {
        return;
      }
      if (setUpBegan) {
        return;
      }
      setUpBegan = true;
    }
    CompletableFuture<Void> prepared;
    try {
      prepared = setUp.apply(this);
    } catch (RuntimeException e) {
      prepared = CompletableFuture.failedFuture(e);
    }
    var unused = prepared.whenComplete((nothing, failure) -> nowUsable(failure));
  }

  private void nowUsable(Throwable failure) {
    if (failure != null) {
      SandboxException cause = EngineFailure.asSandboxException(failure);
      fail("its set-up failed: " + cause.getMessage(), false);
      // The first cause is what the caller sees, when the sandbox is gone.
      var unused = gone.whenComplete((info, error) -> usable.completeExceptionally(cause));
      return;
    }
    synchronized (this) {
      if (state != SandboxState.CREATING) {
        return;
      }
      state = SandboxState.RUNNING;
    }
    if (!spec.command().isEmpty()) {
      var unused =
          run(
              new Job(
                  CommandCode.of(spec.workingDir(), spec.env(), spec.command()),
                  new byte[0],
                  SandboxSpec.LONGEST_LIFETIME,
                  Optional.empty(),
                  Optional.empty(),
                  Job.Kind.MAIN));
    }
    SandboxInfo info = info();
    onWorker(() -> usable.complete(info));
  }

  /** Starts a job. Fails the future with {@link SandboxNotRunningException} when it may not. */
  CompletableFuture<Ended> run(Job job) {
    return accepts(job.kind())
        ? future(commands.start(job))
        : CompletableFuture.failedFuture(notRunning());
  }

  /** Sends an archive, and unpacks it in the workspace. Before it is usable only. */
  CompletableFuture<Ended> unpack(Job job, long size, Iterable<byte[]> parts) {
    CompletableFuture<Ended> ended = future(commands.unpack(job, size));
    for (byte[] part : parts) {
      if (!attachment.sendBytes(part)) {
        break;
      }
    }
    return ended;
  }

  private CompletableFuture<Ended> future(Optional<Execution> started) {
    return started
        .map(execution -> execution.ended)
        .orElseGet(() -> CompletableFuture.failedFuture(notRunning()));
  }

  /** Kills a job of {@link #run} as its time limit would. */
  void cancel(CompletableFuture<Ended> job) {
    commands.kill(job);
  }

  /** TERM, the grace, KILL; a second call can only shorten the grace. */
  void stop(Duration grace) {
    end(new Ending(SandboxState.TERMINATED, "", OptionalInt.empty()), grace);
  }

  /** It will be stopped, after our own last command in it: takes no others any more. */
  synchronized void announceEnd() {
    if (ending.isEmpty() && !state.isTerminal()) {
      ending = Optional.of(new Ending(SandboxState.TERMINATED, "", OptionalInt.empty()));
      state = SandboxState.TERMINATING;
    }
  }

  private void end(Ending why, Duration grace) {
    boolean now = grace.isZero() || grace.isNegative();
    synchronized (this) {
      if (state.isTerminal()) {
        return;
      }
      if (ending.isEmpty()) {
        ending = Optional.of(why);
        state = SandboxState.TERMINATING;
      }
      if (!now && !stopping) {
        stopping = send("s");
        now = !stopping;
      }
    }
    if (now) {
      kill();
    } else {
      later(grace, this::kill);
    }
  }

  private void fail(String why, boolean quietly) {
    Ending failed = new Ending(SandboxState.FAILED, why, OptionalInt.empty());
    if (quietly) {
      synchronized (this) {
        ending = Optional.of(failed);
        state = SandboxState.TERMINATING;
      }
    } else {
      end(failed, Duration.ZERO);
    }
  }

  @Override
  public void giveUp(String why) {
    fail(why, false);
  }

  private void lifetimeIsOver() {
    fail("its lifetime of " + spec.maxLifetime() + " was exceeded", false);
  }

  private void startTookTooLong() {
    boolean late;
    synchronized (this) {
      late = !ready && !state.isTerminal();
    }
    if (late) {
      fail("it did not start within " + START_LIMIT.toSeconds() + " s", false);
    }
  }

  /** Process 1 is told to go; when it does not listen, the engine is. */
  private void kill() {
    boolean told;
    synchronized (this) {
      if (killed) {
        return;
      }
      killed = true;
      told = ready && !stopping && send("q");
    }
    if (told) {
      later(QUIT_LIMIT, () -> onWorker(this::forceRemove));
    } else {
      onWorker(this::forceRemove);
    }
  }

  private void forceRemove() {
    if (gone.isDone()) {
      return;
    }
    try {
      context.engine().remove(id);
    } catch (RuntimeException e) {
      LOG.warn("Sandbox {} could not be removed now; it is tried again", id, e);
      later(QUIT_LIMIT, () -> onWorker(this::forceRemove));
    }
  }

  /** The stream has ended: finds out why, and waits for the engine to have removed it. */
  private void ended(String lost) {
    attachment.close();
    onWorker(() -> remove(lost.isEmpty() ? OptionalInt.empty() : OptionalInt.of(-1)));
  }

  private void remove(OptionalInt lost) {
    String why;
    SandboxState how = SandboxState.TERMINATED;
    OptionalInt code = OptionalInt.empty();
    boolean removed = false;
    try {
      code = context.engine().awaitRemoval(id);
      removed = true;
      why =
          lost.isPresent()
              ? "the connection to its engine was lost"
              : "it was ended by somebody else";
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {}: its end cannot be seen yet", id, e);
      why = "its engine does not answer";
      how = SandboxState.FAILED;
    }
    if (remainingLifetime().isNegative() || remainingLifetime().isZero()) {
      how = SandboxState.FAILED;
      why = "its lifetime of " + spec.maxLifetime() + " was exceeded";
    } else if (lost.isPresent() || !started()) {
      how = SandboxState.FAILED;
    }
    String said = complaints.text();
    if (!started() && !said.isEmpty()) {
      why = "its first process ended: " + said;
    }
    synchronized (this) {
      if (ending.isEmpty()) {
        ending = Optional.of(new Ending(how, why, OptionalInt.empty()));
        state = SandboxState.TERMINATING;
      }
    }
    LOG.trace("Sandbox {} ended with {}", id, code);
    abandon();
    if (removed) {
      finish();
    } else {
      later(QUIT_LIMIT, () -> onWorker(this::removeAgain));
    }
  }

  /** The engine could not be asked: as often as it takes, until this service is closed. */
  private void removeAgain() {
    try {
      context.engine().remove(id);
      if (context.engine().inspect(id).isEmpty()) {
        finish();
        return;
      }
    } catch (RuntimeException e) {
      LOG.debug("Sandbox {} cannot be removed yet", id, e);
    }
    later(QUIT_LIMIT, () -> onWorker(this::removeAgain));
  }

  private synchronized boolean started() {
    return startTime.isPresent() && ready;
  }

  private void abandon() {
    for (Execution execution : commands.abandonAll()) {
      if (execution.killed) {
        execution.ended.complete(execution.end(ExecOutcome.TIMED_OUT, Execution.KILLED, 0));
      } else {
        execution.ended.completeExceptionally(notRunning());
      }
    }
  }

  /** Nothing is left: shows the terminal state. */
  private void finish() {
    abandon();
    SandboxInfo info;
    synchronized (this) {
      Ending cause = ending.orElse(new Ending(SandboxState.TERMINATED, "", OptionalInt.empty()));
      lifetime.ifPresent(timer -> timer.cancel(false));
      if (state.isTerminal()) {
        return;
      }
      state = cause.state();
      reason = cause.reason();
      exitCode = cause.exitCode();
      endTime = Optional.of(now());
      info = info();
    }
    onWorker(
        () -> {
          gone.complete(info);
          if (setUpWasDone(info)) {
            // It ran, and was over before anybody was told: its create has succeeded.
            usable.complete(info);
          } else {
            usable.completeExceptionally(
                new SandboxNotRunningException(id, info.state(), info.stateReason()));
          }
        });
  }

  private static boolean setUpWasDone(SandboxInfo info) {
    return info.startTime().isPresent();
  }

  /** By the engine's clock. */
  private synchronized Instant now() {
    return createTime.plusNanos(System.nanoTime() - bornNanos);
  }

  private synchronized Duration remainingLifetime() {
    return spec.maxLifetime().minusNanos(System.nanoTime() - bornNanos);
  }

  @Override
  public void ended(Execution execution, Ended how) {
    if (execution.job.kind() == Job.Kind.MAIN) {
      int code = how.exitCode();
      String why =
          how.outcome() == ExecOutcome.OUT_OF_MEMORY
              ? "its main process ran out of memory"
              : code == 0 ? "" : "its main process ended with exit code " + code;
      end(
          new Ending(
              code == 0 ? SandboxState.COMPLETED : SandboxState.FAILED, why, OptionalInt.of(code)),
          Duration.ZERO);
    }
    onWorker(() -> execution.ended.complete(how));
  }

  @Override
  public boolean send(String line) {
    return attachment != null && attachment.send(line);
  }

  @Override
  public boolean send(String line, byte[] bytes) {
    return attachment != null && attachment.send(line, bytes);
  }

  @Override
  public void later(Duration delay, Runnable task) {
    Future<?> unused = timer(delay, task);
  }

  @Override
  public Future<?> timer(Duration delay, Runnable task) {
    try {
      return context.timer(delay, task);
    } catch (RejectedExecutionException e) {
      LOG.debug("Sandbox {}: the service is closed", id, e);
      return CompletableFuture.completedFuture(null);
    }
  }

  private void onWorker(Runnable task) {
    try {
      context.workers().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("Sandbox {}: the service is closed", id, e);
    }
  }

  synchronized boolean isOver() {
    return state.isTerminal() || ending.isPresent();
  }

  private synchronized boolean accepts(Job.Kind kind) {
    return switch (state) {
      case RUNNING -> true;
      case CREATING, TERMINATING -> kind == Job.Kind.INTERNAL && ready && !killed;
      default -> false;
    };
  }

  SandboxNotRunningException notRunning() {
    SandboxInfo info = info();
    String why = info.stateReason();
    SandboxState shown = info.state();
    synchronized (this) {
      if (ending.isPresent()) {
        why = why.isEmpty() ? ending.get().reason() : why;
        // What it will be says more than that it ends: whether somebody deleted it.
        shown = ending.get().state();
      }
    }
    return new SandboxNotRunningException(id, shown, why);
  }

  /** For logs. */
  @Override
  public String toString() {
    return id;
  }
}
