package io.sandbeam.service.local;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.OutputSink;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One job under way in a sandbox. */
final class Execution implements Pump.Watched {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  /** What is read in one go before others get their turn, and at most at the end. */
  private static final long MOST_AT_ONCE = 4L << 20;

  private static final int REST_BUFFER = 8 * 1024;

  /** How long a kill may take before the whole sandbox is killed. */
  private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What the sandbox does for an execution. */
  interface Controls {
    void kill(Execution execution);

    /** The watchdog could not kill it. */
    void giveUp(Execution execution);

    /** Asks the watchdog whether it could still report; {@link #answered} when it can. */
    void check(Execution execution);
  }

  final long sequence;
  final int slot;
  final Job job;
  final CompletableFuture<Ended> ended = new CompletableFuture<>();
  private final Controls controls;
  private final Instant startedAt = Instant.now();
  private final long startNanos = System.nanoTime();
  private final long timeoutNanos;
  private Fifo out;
  private Fifo err;
  private long killedAtNanos;
  private long checkedAtNanos = startNanos;
  private boolean asked;
  private boolean killed;
  private boolean done;
  private volatile boolean overlapped;

  Execution(long sequence, int slot, Job job, Controls controls) {
    this.sequence = sequence;
    this.slot = slot;
    this.job = job;
    this.controls = controls;
    this.timeoutNanos = nanos(job.timeout());
  }

  private static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  synchronized void streams(Fifo standardOutput, Fifo standardError) {
    this.out = standardOutput;
    this.err = standardError;
  }

  synchronized Fifo out() {
    return out;
  }

  synchronized Fifo err() {
    return err;
  }

  /** Other commands ran beside it: what is left alive may be theirs. */
  void overlap() {
    overlapped = true;
  }

  boolean overlapped() {
    return overlapped;
  }

  synchronized boolean killed() {
    return killed;
  }

  /** The watchdog says that it runs. */
  synchronized void answered() {
    asked = false;
  }

  /** Kills it as its time limit would. */
  void requestKill() {
    synchronized (this) {
      if (killed || done) {
        return;
      }
      killed = true;
      killedAtNanos = System.nanoTime();
    }
    controls.kill(this);
  }

  @Override
  public long look(long now, byte[] buffer) {
    long moved;
    boolean late;
    boolean stuck;
    boolean check;
    synchronized (this) {
      if (done) {
        return 0;
      }
      moved =
          Math.max(
              drain(out, job.out().orElse(null), buffer),
              drain(err, job.err().orElse(null), buffer));
      late = !killed && now - startNanos >= timeoutNanos;
      stuck = killed && now - killedAtNanos >= KILL_NANOS;
      // One question at a time: a watchdog that does not read must not find its pipe full.
      check = !asked && now - checkedAtNanos >= CHECK_NANOS;
      if (check) {
        checkedAtNanos = now;
        asked = true;
      }
    }
    if (late) {
      requestKill();
    } else if (stuck) {
      controls.giveUp(this);
    } else if (check) {
      controls.check(this);
    }
    return moved;
  }

  /** Reads the rest, which is there by now, and says how it ended. */
  synchronized Ended finish(ExecOutcome outcome, int code, int leftovers) {
    done = true;
    byte[] buffer = new byte[REST_BUFFER];
    drain(out, job.out().orElse(null), buffer);
    drain(err, job.err().orElse(null), buffer);
    return new Ended(
        outcome,
        code,
        leftovers,
        // All that was written is in the pipe, and was read.
        Set.of(),
        startedAt,
        Duration.ofNanos(System.nanoTime() - startNanos));
  }

  /** Ends the looks without a result. */
  synchronized void abandon() {
    done = true;
  }

  private long drain(Fifo fifo, OutputSink sink, byte[] buffer) {
    if (fifo == null || sink == null) {
      return 0;
    }
    try {
      return fifo.drain(sink, buffer, MOST_AT_ONCE);
    } catch (IOException e) {
      LOG.warn("Output of command {} cannot be read on; what was read is kept", sequence, e);
      return 0;
    }
  }

  @Override
  public String toString() {
    return "command " + sequence;
  }
}
