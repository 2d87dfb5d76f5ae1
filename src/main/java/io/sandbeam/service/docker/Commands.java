package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxResourceExhaustedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running commands of one container, this side of {@code watchdog.sh}, which says what the
 * lines mean. Thread-safe; what it calls back, it calls outside of its lock.
 */
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

  /** Commands at once in one container. */
  private static final int MOST = 256;

  private static final Duration CHECK_EVERY = Duration.ofSeconds(1);

  /** How long a kill may take before the whole sandbox is killed. */
  private static final Duration KILL_LIMIT = Duration.ofSeconds(8);

  /** How long the rest of the output may take when a command has ended. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

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
  private final Map<Long, Execution> running = new LinkedHashMap<>();
  private final BitSet slots = new BitSet();
  private final Turns turns;
  private final CommandWriter writer;
  private final Outcomes outcomes = new Outcomes();
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
  }

  /** Starts a job; empty when the sandbox takes none any more. */
  synchronized Optional<Execution> start(Job job) {
    if (closed || leaving) {
      return Optional.empty();
    }
    boolean main = job.kind() == Job.Kind.MAIN;
    int slot = main ? MOST : slots.nextClearBit(0);
    if (!main && slot >= MOST) {
      throw new SandboxResourceExhaustedException(
          "The sandbox runs " + MOST + " commands already", null, null);
    }
    long number = ++numbers;
    boolean fresh = slot == 0 && stale;
    String token = Secret.mark();
    String line =
        "x "
            + number
            + " "
            + slot
            + (fresh ? " 1 " : " 0 ")
            + token
            + " "
            + writer.code(number, job);
    Execution execution = new Execution(number, slot, job, token, line);
    if (fresh) {
      turns.begins(0);
      stale = false;
    } else if (!main && running.values().stream().noneMatch(Execution::speaks)) {
      turns.give(slot);
    }
    if (!host.send(line)) {
      return Optional.empty();
    }
    slots.set(slot);
    if (!running.isEmpty()) {
      running.values().stream()
          .filter(other -> other.exit == null)
          .forEach(other -> other.overlapped = true);
      execution.overlapped = true;
    }
    running.put(number, execution);
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
    slots.set(0);
    running.put(number, execution);
    return Optional.of(execution);
  }

  /** Kills it as its time limit would. */
  void kill(Execution execution) {
    synchronized (this) {
      if (execution.killed || execution.exit != null || !running.containsKey(execution.number)) {
        return;
      }
      // What cannot be told to die has not timed out: its sandbox is gone.
      execution.killed = sendKill(execution);
    }
    host.later(
        KILL_LIMIT,
        () -> {
          boolean stuck;
          synchronized (this) {
            stuck = execution.exit == null && running.containsKey(execution.number);
          }
          if (stuck) {
            host.giveUp("a command could not be killed at its time limit");
          }
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
      found = running.values().stream().filter(one -> one.ended == future).findFirst();
    }
    found.ifPresent(this::kill);
  }

  /** The command whose output now comes, if it still does. */
  synchronized Optional<Execution> speaker(Channel channel) {
    int slot = turns.seen(channel);
    return running.values().stream()
        .filter(one -> one.slot == slot && one.speaks() && !one.isDone(channel))
        .findFirst();
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
      case "loose" -> {
        Execution execution;
        synchronized (this) {
          execution = running.get(Long.parseLong(words[1]));
          if (execution != null) {
            execution.loose = Integer.parseInt(words[2]);
          }
        }
        finish(execution);
      }
      case "lost" -> lost(Integer.parseInt(words[1]));
      case "missed" -> missed(Long.parseLong(words[1]));
      default -> LOG.error("Unknown report {}", words[0]);
    }
  }

  private void exit(long number, Execution.Exit exit) {
    Execution execution;
    synchronized (this) {
      execution = running.get(number);
      if (execution == null || execution.exit != null || leaving) {
        return;
      }
      execution.exit = exit;
      if (execution.overlapped) {
        countLoose(execution);
      }
      if (execution.timer != null) {
        execution.timer.cancel(false);
        execution.timer = host.timer(DRAIN_LIMIT, () -> drainedTooLong(execution));
      }
    }
    finish(execution);
  }

  private void countLoose(Execution execution) {
    String all = running.values().stream().map(one -> " " + one.slot).collect(Collectors.joining());
    host.send("n " + execution.number + all);
  }

  /** Its line did not arrive: some shells lose what they read when many processes end. */
  private synchronized void missed(long number) {
    Execution execution = running.get(number);
    if (execution != null && execution.exit == null && !execution.killed) {
      LOG.info("{} in {} is sent once more", execution, host);
      host.send(execution.line);
    }
  }

  private void drainedTooLong(Execution execution) {
    synchronized (this) {
      if (!running.containsKey(execution.number)) {
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
      found = running.values().stream().filter(one -> one.slot == slot).findFirst();
      found.ifPresent(execution -> execution.lost = true);
    }
    found.ifPresent(this::finish);
  }

  private void finish(Execution execution) {
    Ended ended;
    synchronized (this) {
      if (execution == null || !running.containsKey(execution.number) || !execution.isOver()) {
        return;
      }
      running.remove(execution.number);
      slots.clear(execution.slot);
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
    if (!closed && turns.share(speaking())) {
      host.later(Turns.LENGTH, this::nextTurn);
    }
  }

  private synchronized void nextTurn() {
    if (turns.next(speaking()) && !closed) {
      host.later(Turns.LENGTH, this::nextTurn);
    }
  }

  private List<Execution> speaking() {
    return running.values().stream().filter(Execution::speaks).toList();
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
    for (Execution one : running.values()) {
      if (one.exit == null) {
        if (one.killed) {
          sendKill(one);
        }
        host.send("c " + one.number + " " + one.slot);
      } else if (!one.isDrained()) {
        host.send("l " + one.slot);
      } else {
        countLoose(one);
      }
    }
    turns.again();
    if (!running.isEmpty() && !closed) {
      checkSoon();
    }
  }

  /** Somebody else ends the sandbox: that its commands end with it, is no result of theirs. */
  synchronized void leave() {
    leaving = true;
  }

  /** Takes no more, and gives back all that still ran. */
  synchronized List<Execution> abandonAll() {
    closed = true;
    List<Execution> all = new ArrayList<>(running.values());
    running.clear();
    for (Execution one : all) {
      if (one.timer != null) {
        one.timer.cancel(false);
      }
    }
    return all;
  }
}
