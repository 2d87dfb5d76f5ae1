package io.sandbeam.service.docker;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.LeasedSandbox;
import io.sandbeam.service.leased.Lifecycle;
import io.sandbeam.service.leased.Milestones;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One sandbox of this process, from the create of its container to the proof that it is gone.
 * Thread-safe.
 */
final class DockerSandbox implements LeasedSandbox, Commands.Host {
  private final SandboxParts parts;
  private final String secret = Secret.mark();
  private final Commands commands = new Commands(this);
  private final CompletableFuture<SandboxInfo> answer;
  private final SandboxOutput output;
  private final SandboxStart start;
  private final SandboxEnd end;

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
    this.parts =
        new SandboxParts(
            plan,
            context,
            new ContainerLifecycle(plan, context.facts().now(), context.facts().host()),
            new Lease(),
            new Milestones());
    this.end = new SandboxEnd(parts, commands, this::complaints);
    this.start = new SandboxStart(parts, requestId, end, () -> setUp.apply(this), this::runMain);
    this.output = new SandboxOutput(plan.name(), secret, commands, start);
    this.answer =
        parts
            .milestones()
            .usable()
            .whenComplete(
                (info, failure) -> {
                  if (failure != null) {
                    // Not before it is gone: its removal goes by its name.
                    var unused = parts.milestones().gone().thenRun(() -> neverWas.accept(this));
                  }
                });
  }

  private String complaints() {
    return output.complaints();
  }

  @Override
  public String id() {
    return parts.id();
  }

  @Override
  public SandboxSpec spec() {
    return parts.spec();
  }

  /** Completes when it is usable, or with why it will never be. */
  CompletableFuture<SandboxInfo> usable() {
    return answer;
  }

  @Override
  public CompletableFuture<SandboxInfo> gone() {
    return parts.milestones().gone();
  }

  @Override
  public SandboxInfo info() {
    return parts.life().info();
  }

  /** Creates and starts it. Runs on a thread that may wait; failures show in {@link #usable()}. */
  void start() {
    start.start(secret, output);
  }

  private void runMain() {
    var unused = run(Job.main(spec(), CommandWriter.SHELL));
  }

  @Override
  public CompletableFuture<Ended> run(Job job) {
    return parts.life().accepts(job.kind())
        ? future(commands.start(job))
        : CompletableFuture.failedFuture(notRunning());
  }

  /**
   * Sends an archive, and unpacks it in the workspace. Before it is usable only. Returns when all
   * of it is on its way, which is as fast as it is unpacked.
   */
  CompletableFuture<Ended> unpack(Job job, long size, Iterable<byte[]> archive) {
    CompletableFuture<Ended> ended = future(commands.unpack(job, size));
    for (byte[] part : archive) {
      if (ended.isDone() || !parts.lease().sendPart(part)) {
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

  @Override
  public void cancel(CompletableFuture<Ended> job) {
    commands.kill(job);
  }

  @Override
  public void stop(Duration grace) {
    end.end(Lifecycle.Ending.stopped(), grace);
  }

  /** It will be stopped, after our own last command in it: takes no others any more. */
  void announceEnd() {
    parts.life().end(Lifecycle.Ending.stopped());
  }

  boolean isOver() {
    return parts.life().isOver();
  }

  SandboxNotRunningException notRunning() {
    return parts.life().notRunning();
  }

  @Override
  public void giveUp(String why) {
    end.fail(why);
  }

  @Override
  public void ended(Execution execution, Ended how) {
    if (execution.job.kind() == Job.Kind.MAIN) {
      end.end(Lifecycle.Ending.ofMain(how), Duration.ZERO);
    }
    parts.onWorker(() -> execution.ended.complete(how));
  }

  @Override
  public boolean send(String line) {
    return parts.lease().send(line);
  }

  @Override
  public boolean send(String line, byte[] bytes) {
    return parts.lease().send(line, bytes);
  }

  @Override
  public void later(Duration delay, Runnable task) {
    Future<?> unused = parts.later(delay, task);
  }

  @Override
  public Future<?> timer(Duration delay, Runnable task) {
    return parts.later(delay, task);
  }

  /** For logs. */
  @Override
  public String toString() {
    return id();
  }
}
