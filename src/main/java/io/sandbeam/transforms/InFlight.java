package io.sandbeam.transforms;

/**
 * How much one worker does at a time: commands by count, and output that is held in memory by
 * bytes. A command enters with the most it may write, and leaves with what it did; what a bundle
 * holds of it counts until it is emitted.
 *
 * <p>When a command has ended the next one may start, while its sandbox still ends or is emptied:
 * of those there are at most as many again, so that slow ends hold new sandboxes back.
 *
 * <p>The counts fall when commands and sandboxes end, whoever started them, so they can slow
 * bundles down but never stop them. The bytes fall when a bundle emits, which may have to wait for
 * another bundle; so a bundle that has nothing under way may enter whatever the others hold.
 */
final class InFlight {
  private final int maxCommands;
  private final long maxBytes;
  private int commands;
  private int ending;
  private long bytes;
  private long version;

  InFlight(int maxCommands, long maxBytes) {
    this.maxCommands = maxCommands;
    this.maxBytes = maxBytes;
  }

  /** Whether one more command may start; it then counts. */
  synchronized boolean tryEnter(long mayHold, boolean bundleIsEmpty) {
    if (commands >= maxCommands
        || commands + ending >= mostSandboxes(maxCommands)
        || (bytes + mayHold > maxBytes && !bundleIsEmpty)) {
      return false;
    }
    commands++;
    bytes += mayHold;
    return true;
  }

  /** A command's output is known: it holds this much instead of that. */
  synchronized void resize(long from, long to) {
    bytes += to - from;
    changed();
  }

  /** The most sandboxes that a worker has at a time, those that are ending among them. */
  static int mostSandboxes(int maxCommands) {
    return (int) Math.min(Integer.MAX_VALUE, 2L * maxCommands);
  }

  /** A command has ended, and its sandbox is on its way back. */
  synchronized void commandEnded() {
    commands--;
    ending++;
    changed();
  }

  /** The sandbox of an ended command is gone, or free for the next one. */
  synchronized void sandboxReturned() {
    ending--;
    changed();
  }

  /** Something that a waiting runner's thread should look at has happened. */
  synchronized void changed() {
    version++;
    notifyAll();
  }

  /** A mark for {@link #await}. */
  synchronized long version() {
    return version;
  }

  /** Waits until something changes after the mark, or a while has passed. */
  synchronized void await(long seen, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (version == seen) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Whether no command runs and no sandbox of one is still ending. */
  synchronized boolean isIdle() {
    return commands == 0 && ending == 0;
  }

  synchronized long bytes() {
    return bytes;
  }
}
