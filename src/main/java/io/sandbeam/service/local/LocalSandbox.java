package io.sandbeam.service.local;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.LeasedSandbox;
import io.sandbeam.service.leased.Lifecycle;
import io.sandbeam.service.leased.Milestones;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One sandbox of this process, from its first record to its last. Thread-safe. */
final class LocalSandbox implements LeasedSandbox, Watchdog.Listener, Execution.Controls {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSandbox.class);

  private final SandboxParts parts;
  private final Image image;
  private final Limits limits;
  private final Commands commands;
  private final CommandReports reports;
  private final SandboxStart start;
  private final SandboxEnd end;

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
    Lifecycle life = new LocalLifecycle(id, spec, createTime, context.host(), limits.inForce());
    this.image = image;
    this.limits = limits;
    this.parts =
        new SandboxParts(
            id,
            context,
            new SandboxDirectory(context.owner().sandbox(id)),
            life,
            new SandboxProcess(id, limits, context, life),
            new Milestones());
    this.commands = new Commands(parts, this);
    this.end = new SandboxEnd(parts, commands);
    this.reports = new CommandReports(parts, commands, end);
    this.start = new SandboxStart(parts, end, () -> setUp.apply(this), this::runMain);
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
    return parts.milestones().usable();
  }

  @Override
  public CompletableFuture<SandboxInfo> gone() {
    return parts.milestones().gone();
  }

  @Override
  public SandboxInfo info() {
    return parts.info();
  }

  /** Records it, then starts it. Runs on a worker; failures show in {@link #usable()}. */
  void start() {
    start.start(image, limits, this);
  }

  private void runMain() {
    var unused = run(Job.main(parts.spec(), ExecScript.SHELL));
  }

  @Override
  public CompletableFuture<Ended> run(Job job) {
    Execution execution;
    try {
      execution = commands.prepare(job);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(
          parts.life().isOver()
              ? parts.notRunning()
              : new SandboxUnavailableException(
                  "Sandbox " + id() + ": a command could not be prepared: " + e,
                  e,
                  Effect.NONE,
                  null));
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (!parts.life().accepts(job.kind()) || !commands.start(execution)) {
      commands.discard(execution);
      return CompletableFuture.failedFuture(parts.notRunning());
    }
    return execution.ended;
  }

  @Override
  public void cancel(CompletableFuture<Ended> job) {
    commands.find(job).ifPresent(Execution::requestKill);
  }

  @Override
  public void stop(Duration grace) {
    end.stop(grace);
  }

  /** It will be stopped, after our own last command in it: takes no others any more. */
  void announceEnd() {
    parts.life().end(Lifecycle.Ending.stopped());
  }

  /** A record keeps what other processes can see; the last one is written when all else is gone. */
  void forget() {
    try {
      parts.directory().remove();
    } catch (IOException e) {
      LOG.warn("Sandbox {}: its record cannot be removed; the next sweep will", id(), e);
    }
  }

  void requireRunning() {
    if (parts.life().isOver() || info().state() != SandboxState.RUNNING) {
      throw parts.notRunning();
    }
  }

  @Override
  public void onReady() {
    start.ready();
  }

  @Override
  public void onExit(long sequence, int code, int all, int loose) {
    reports.exit(sequence, code, all, loose);
  }

  @Override
  public void onRuns(long sequence) {
    commands.find(sequence).ifPresent(Execution::answered);
  }

  @Override
  public void onKilled(long sequence, int left) {
    reports.killed(sequence, left);
  }

  @Override
  public void onEnd() {
    end.over();
  }

  @Override
  public void kill(Execution execution) {
    String how = commands.isAlone(execution) ? "all" : "tree";
    parts.process().send("kill " + execution.sequence + " " + execution.slot + " " + how);
  }

  @Override
  public void giveUp(Execution execution) {
    end.fail("a command could not be killed at its time limit");
  }

  @Override
  public void check(Execution execution) {
    parts.process().send("check " + execution.sequence + " " + execution.slot);
  }

  /** For logs. */
  @Override
  public String toString() {
    return id();
  }
}
