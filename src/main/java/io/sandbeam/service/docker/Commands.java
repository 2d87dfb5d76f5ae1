package io.sandbeam.service.docker;

import io.sandbeam.service.leased.Channel;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running commands of one container, this side of {@code watchdog.sh}, which says what the
 * lines mean. Thread-safe; what it calls back, it calls outside of its lock.
 */
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  private static final Duration CHECK_EVERY = Duration.ofSeconds(1);

  /** How long a kill may take before the whole sandbox is killed. */
  private static final Duration KILL_LIMIT = Duration.ofSeconds(8);

  /** How long the rest of an output may take when it has the turn. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

  /** How many such times a command waits for its turn, and a kill for a process 1 that is busy. */
  private static final int MOST_WAITS = 30;

  /** What the commands tell their sandbox. */
  interface Host {
    /** Sends; false when there is nobody to send to. */
    boolean send(String line);

    boolean send(String line, byte[] bytes);

    void later(Duration delay, Runnable task);

    Future<?> timer(Duration delay, Runnable task);

    /** A job has ended; its future is completed by the host. */
    void ended(Execution execution, Ended how);

    /** The sandbox cannot go on. */
    void giveUp(String why);
  }

  private final Host host;
  private final Running running = new Running();
  private final Turns turns;
  private final CommandWriter writer;
  private final Outcomes outcomes = new Outcomes();
  private final LooseCount looseCount;
  private final Pulse pulse;
  private long numbers;
  private boolean leftovers;
  private boolean stale;
  private boolean checking;
  private boolean leaving;
  private boolean closed;

  Commands(Host host) {
    this.host = host;
    this.turns = new Turns(host);
    this.writer = new CommandWriter(host);
    this.looseCount = new LooseCount(host);
    this.pulse = new Pulse(host);
  }

  /** Starts a job; empty when the sandbox takes none any more. */
  synchronized Optional<Execution> start(Job job) {
    if (closed || leaving) {
      return Optional.empty();
    }
    boolean main = job.kind() == Job.Kind.MAIN;
    int slot = running.freeSlot(job);
    long number = ++numbers;
    boolean fresh = slot == 0 && stale;
    String how = (fresh ? "f" : "") + (running.isEmpty() ? "-" : "b");
    String token = Secret.mark();
    String line =
        String.join(" ", "x", "" + number, "" + slot, how, token, writer.code(number, job));
    Execution execution = new Execution(number, slot, job, token, line);
    if (fresh) {
      turns.begins(0);
      stale = false;
    } else if (!main && running.speaking().isEmpty()) {
      turns.give(slot);
    }
    if (!host.send(line)) {
      return Optional.empty();
    }
    running.add(execution);
    if (!main) {
      execution.timer = host.timer(job.timeout(), () -> kill(execution));
      share();
    }
    checkSoon();
    return Optional.of(execution);
  }

  /** Unpacks an archive into the workspace; nothing else may run. */
  synchronized Optional<Execution> unpack(Job job, long size) {
    long number = ++numbers;
    String token = Secret.mark();
    String line = "u " + number + " " + token + " " + size;
    Execution execution = new Execution(number, 0, job, token, line);
    if (closed || !host.send(line)) {
      return Optional.empty();
    }
    running.add(execution);
    return Optional.of(execution);
  }

  /** Kills it as its time limit would. */
  void kill(Execution execution) {
    synchronized (this) {
      if (execution.killed || execution.exit != null || !running.has(execution)) {
        return;
      }
      // What cannot be told to die has not timed out: its sandbox is gone.
      execution.killed = sendKill(execution);
      awaitKill(execution, pulse.mark(), MOST_WAITS);
    }
  }

  private void awaitKill(Execution execution, long mark, int waits) {
    host.later(
        KILL_LIMIT,
        () -> {
          synchronized (this) {
            if (execution.exit != null || !running.has(execution)) {
              return;
            }
            if (!pulse.isPast(mark) && waits > 1) {
              // It has not come to it yet: there may be hundreds before this one.
              awaitKill(execution, mark, waits - 1);
              return;
            }
          }
          host.giveUp("a command could not be killed at its time limit");
        });
  }

  private boolean sendKill(Execution execution) {
    boolean alone = running.size() == 1 && !leftovers;
    return host.send("k " + execution.number + " " + execution.slot + (alone ? " all" : " tree"));
  }

  /** Kills the job whose future this is. */
  void kill(CompletableFuture<Ended> future) {
    Optional<Execution> found;
    synchronized (this) {
      found = running.endingWith(future);
    }
    found.ifPresent(this::kill);
  }

  /** The command whose output now comes, if it still does. */
  synchronized Optional<Execution> speaker(Channel channel) {
    int slot = turns.seen(channel);
    return running.at(slot).filter(one -> one.speaks() && !one.isDone(channel));
  }

  void token(Execution execution, Channel channel) {
    synchronized (this) {
      execution.endOf(channel);
    }
    finish(execution);
  }

  /** Takes a report of process 1. */
  void report(Channel channel, String[] words) {
    switch (words[0]) {
      case "turn" -> {
        synchronized (this) {
          turns.seen(channel, Integer.parseInt(words[1]));
        }
      }
      case "exit" ->
          exit(
              Long.parseLong(words[1]),
              new Execution.Exit(
                  Integer.parseInt(words[2]),
                  Integer.parseInt(words[3]),
                  Long.parseLong(words[4]),
                  Long.parseLong(words[5])));
      case "loose" -> loose(Long.parseLong(words[1]), Integer.parseInt(words[2]));
      case "pong" -> {
        synchronized (this) {
          pulse.answered(Long.parseLong(words[1]));
        }
      }
      case "lost" -> lost(Integer.parseInt(words[1]));
      case "missed" -> missed(Long.parseLong(words[1]));
      default -> LOG.error("Unknown report {}", words[0]);
    }
  }

  private void exit(long number, Execution.Exit exit) {
    Execution execution;
    synchronized (this) {
      execution = running.of(number).orElse(null);
      if (execution == null || execution.exit != null || leaving) {
        return;
      }
      execution.exit = exit;
      looseCount.ask(running.all());
      if (execution.timer != null) {
        execution.timer.cancel(false);
        awaitRest(execution);
      }
    }
    finish(execution);
  }

  private void loose(long number, int count) {
    List<Execution> counted;
    synchronized (this) {
      counted = looseCount.answered(number, count);
      if (!counted.isEmpty()) {
        host.later(looseCount.rest(), this::countNext);
      }
    }
    counted.forEach(this::finish);
  }

  private synchronized void countNext() {
    looseCount.rested();
    looseCount.ask(running.all());
  }

  /** Its line did not arrive: some shells lose what they read when many processes end. */
  private synchronized void missed(long number) {
    running
        .of(number)
        .filter(execution -> execution.exit == null && !execution.killed)
        .ifPresent(
            execution -> {
              LOG.info("{} in {} is sent once more", execution, host);
              host.send(execution.line);
            });
  }

  private void awaitRest(Execution execution) {
    execution.turnsBefore = turns.changes();
    execution.timer = host.timer(DRAIN_LIMIT, () -> drainedTooLong(execution));
  }

  private void drainedTooLong(Execution execution) {
    synchronized (this) {
      if (!running.has(execution)) {
        return;
      }
      boolean heard =
          !execution.isDrained() && turns.hasHadSince(execution.turnsBefore, execution.slot);
      if (!heard && ++execution.waits < MOST_WAITS) {
        awaitRest(execution);
        return;
      }
      LOG.warn(
          "{} in {} ended with {}, and the end of its output did not come; what came is kept",
          execution,
          host,
          execution.exit);
      execution.lost = true;
    }
    finish(execution);
  }

  private void lost(int slot) {
    Optional<Execution> found;
    synchronized (this) {
      stale |= slot == 0;
      found = running.at(slot);
      found.ifPresent(execution -> execution.lost = true);
    }
    found.ifPresent(this::finish);
  }

  private void finish(Execution execution) {
    Ended ended;
    synchronized (this) {
      if (execution == null || !running.has(execution) || !execution.isOver()) {
        return;
      }
      running.remove(execution);
      if (execution.slot == 0) {
        // Whoever still holds its pipes must not write into the next command's output.
        stale |= execution.lost || execution.leftovers() > 0;
      } else {
        host.send("d " + execution.slot);
        turns.forget(execution.slot);
      }
      if (running.isEmpty()) {
        leftovers = execution.leftovers() != 0;
      }
      if (execution.timer != null) {
        execution.timer.cancel(false);
      }
      ended = outcomes.of(execution);
    }
    host.ended(execution, ended);
  }

  /** Goes round while there are several. */
  private void share() {
    if (!closed && turns.share(running.speaking())) {
      host.later(Turns.LENGTH, this::nextTurn);
    }
  }

  private synchronized void nextTurn() {
    if (turns.next(running.speaking()) && !closed) {
      host.later(Turns.LENGTH, this::nextTurn);
    }
  }

  /**
   * Asks, while commands run, whether their reporters and relays are still there, and asks again
   * for what should have come by now.
   */
  private void checkSoon() {
    if (!checking) {
      checking = true;
      host.later(CHECK_EVERY, this::check);
    }
  }

  private synchronized void check() {
    checking = false;
    if (pulse.isCalm()) {
      askAgain();
    }
    if (!running.isEmpty() && !closed) {
      checkSoon();
    }
  }

  private void askAgain() {
    for (Execution one : running.all()) {
      if (one.exit == null) {
        if (one.killed) {
          sendKill(one);
        }
        host.send("c " + one.number + " " + one.slot);
      } else if (!one.isDrained()) {
        host.send("l " + one.slot);
      }
    }
    looseCount.again();
    turns.again();
    if (!running.isEmpty()) {
      pulse.ask();
    }
  }

  /** Somebody else ends the sandbox: that its commands end with it, is no result of theirs. */
  synchronized void leave() {
    leaving = true;
  }

  /** Takes no more, and gives back all that still ran. */
  synchronized List<Execution> abandonAll() {
    closed = true;
    List<Execution> all = running.removeAll();
    for (Execution one : all) {
      if (one.timer != null) {
        one.timer.cancel(false);
      }
    }
    return all;
  }
}
