package io.sandbeam.service.docker;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.leased.Channel;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import io.sandbeam.service.leased.OutputSink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** One job under way. Guarded by its {@link Commands}. */
final class Execution {
  /**
   * What its reporter said.
   *
   * @param oomBefore processes of the container that had been killed for memory when it began
   * @param oomKills those that have been now
   */
  record Exit(int code, int all, long oomBefore, long oomKills) {}

  final long number;
  final int slot;
  final Job job;
  final byte[] token;

  /** The line that starts it. */
  final String line;

  final CompletableFuture<Ended> ended = new CompletableFuture<>();
  private final Instant startedAt = Instant.now();
  private final long startNanos = System.nanoTime();
  private final EnumSet<Channel> done = EnumSet.noneOf(Channel.class);
  Future<?> timer;
  boolean killed;

  /** Others ran beside it: what is left alive may be theirs. */
  boolean overlapped;

  /** Its relays were killed, or its tokens taken: its output is what was read. */
  boolean lost;

  Exit exit;
  Integer loose;

  /** The changes of turns when the wait for the rest of its output last began. */
  long turnsBefore;

  /** How many waits it has had. */
  int waits;

  Execution(long number, int slot, Job job, String token, String line) {
    this.number = number;
    this.slot = slot;
    this.job = job;
    this.token = token.getBytes(StandardCharsets.US_ASCII);
    this.line = line;
  }

  /** Whether it writes to anybody; the main process does not. */
  boolean speaks() {
    return job.kind() != Job.Kind.MAIN;
  }

  void output(Channel channel, byte[] bytes, int offset, int length) {
    Optional<OutputSink> sink = channel == Channel.OUT ? job.out() : job.err();
    sink.ifPresent(to -> to.write(bytes, offset, length));
  }

  void endOf(Channel channel) {
    done.add(channel);
  }

  boolean isDone(Channel channel) {
    return done.contains(channel);
  }

  /** Whether nothing more of its output comes. */
  boolean isDrained() {
    return lost || !speaks() || done.size() == Channel.values().length;
  }

  /** Whether what it left alive is still to be counted. */
  boolean waitsForCount() {
    return exit != null && overlapped && !lost && loose == null;
  }

  /** Whether all that there is to know of it is known. */
  boolean isOver() {
    return exit != null && isDrained() && !waitsForCount();
  }

  /** What it left alive; -1 when that is not certain. */
  int leftovers() {
    return lost ? -1 : overlapped ? loose : exit.all();
  }

  Ended end(ExecOutcome outcome, int code, int left) {
    Set<Channel> cut = speaks() ? EnumSet.complementOf(done) : Set.of();
    return new Ended(
        outcome, code, left, cut, startedAt, Duration.ofNanos(System.nanoTime() - startNanos));
  }

  @Override
  public String toString() {
    return "command " + number;
  }
}
