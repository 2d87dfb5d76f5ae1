package io.sandbeam.service.local;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running commands of one sandbox, their slots, files and pipes. Thread-safe. */
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);
  private static final String NOWHERE = "/dev/null";

  /** Commands at once in one sandbox; the watchdog's pipe has room for the lines of all. */
  private static final int MOST = 256;

  private final SandboxDirectory directory;
  private final SandboxProcess process;
  private final LocalContext context;
  private final Execution.Controls controls;
  private final Map<Long, Execution> running = new HashMap<>();
  private final BitSet slots = new BitSet();
  private final Deque<Fifo> clean = new ArrayDeque<>();
  private long sequences;
  private long fifos;
  private boolean leftovers;
  private boolean closed;

  Commands(SandboxParts parts, Execution.Controls controls) {
    this.directory = parts.directory();
    this.process = parts.process();
    this.context = parts.context();
    this.controls = controls;
  }

  /** Writes what the watchdog will read. */
  Execution prepare(Job job) throws IOException {
    Execution execution = reserve(job);
    try {
      String in = NOWHERE;
      String inputName = execution.sequence + ".i";
      if (job.input().length > 0) {
        directory.putControl(inputName, job.input());
        in = inside(inputName);
      }
      Fifo out = job.out().isPresent() ? fifo() : null;
      execution.streams(out, null);
      Fifo err = job.err().isPresent() ? fifo() : null;
      execution.streams(out, err);
      ExecScript.Streams streams = new ExecScript.Streams(in, name(out), name(err));
      directory.putControl(
          execution.sequence + ".c",
          ExecScript.write(streams, job.code().write(execution.sequence)));
      return execution;
    } catch (IOException | RuntimeException e) {
      discard(execution);
      throw e;
    }
  }

  private synchronized Execution reserve(Job job) {
    int slot = slots.nextClearBit(0);
    if (slot >= MOST) {
      throw new SandboxResourceExhaustedException(
          "Sandbox " + directory.path().getFileName() + " runs " + MOST + " commands already",
          null,
          null);
    }
    slots.set(slot);
    return new Execution(++sequences, slot, job, controls);
  }

  /** Tells the watchdog; false when it is gone. */
  synchronized boolean start(Execution execution) {
    if (!running.isEmpty()) {
      running.values().forEach(Execution::overlap);
      execution.overlap();
    }
    running.put(execution.sequence, execution);
    if (closed || !process.send("exec " + execution.sequence + " " + execution.slot)) {
      running.remove(execution.sequence);
      return false;
    }
    context.pump().add(execution);
    return true;
  }

  synchronized Optional<Execution> find(CompletableFuture<Ended> ended) {
    return running.values().stream().filter(execution -> execution.ended == ended).findFirst();
  }

  synchronized Optional<Execution> find(long sequence) {
    return Optional.ofNullable(running.get(sequence));
  }

  /** Whether killing everything kills nothing but this command. */
  synchronized boolean isAlone(Execution execution) {
    return running.size() == 1 && running.containsKey(execution.sequence) && !leftovers;
  }

  /** Takes a command off the list; empty when it was not there any more. */
  synchronized Optional<Execution> finished(long sequence, int alive) {
    Execution execution = running.remove(sequence);
    if (execution != null && running.isEmpty()) {
      leftovers = alive > 0;
    }
    return Optional.ofNullable(execution);
  }

  /**
   * Reads the rest of its output.
   *
   * @param pipesAreClean nobody is left who could write to them
   */
  Ended finish(
      Execution execution, ExecOutcome outcome, int code, int left, boolean pipesAreClean) {
    context.pump().remove(execution);
    Ended ended = execution.finish(outcome, code, left);
    giveBack(execution, pipesAreClean);
    return ended;
  }

  void removeFiles(Execution execution) {
    try {
      directory.removeControl(execution.sequence + ".c");
      if (execution.job.input().length > 0) {
        directory.removeControl(execution.sequence + ".i");
      }
    } catch (IOException e) {
      LOG.warn("{}: the files of {} are left until it ends", directory.path(), execution, e);
    }
  }

  /** Drops a command that was never started. */
  void discard(Execution execution) {
    context.pump().remove(execution);
    execution.abandon();
    giveBack(execution, true);
    removeFiles(execution);
  }

  /** All that still ran; they are on the list no more. */
  synchronized List<Execution> abandonAll() {
    closed = true;
    List<Execution> all = new ArrayList<>(running.values());
    running.clear();
    all.forEach(context.pump()::remove);
    return all;
  }

  synchronized void close() {
    closed = true;
    clean.forEach(Commands::close);
    clean.clear();
  }

  private Fifo fifo() throws IOException {
    Path target;
    synchronized (this) {
      Fifo ready = clean.poll();
      if (ready != null) {
        return ready;
      }
      target = directory.control().resolve("f" + fifos++);
    }
    return context.fifos().take(target);
  }

  private synchronized void giveBack(Execution execution, boolean pipesAreClean) {
    slots.clear(execution.slot);
    for (Fifo fifo : new Fifo[] {execution.out(), execution.err()}) {
      if (fifo == null) {
        continue;
      }
      if (pipesAreClean && !closed) {
        clean.add(fifo);
      } else {
        close(fifo);
      }
    }
  }

  private static void close(Fifo fifo) {
    try {
      fifo.close();
    } catch (IOException e) {
      LOG.warn("Pipe {} cannot be closed", fifo.path(), e);
    }
  }

  private static String inside(String name) {
    return BwrapCommand.CONTROL + "/" + name;
  }

  private static String name(Fifo fifo) {
    return fifo == null ? NOWHERE : inside(fifo.path().getFileName().toString());
  }
}
