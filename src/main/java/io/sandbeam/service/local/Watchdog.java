package io.sandbeam.service.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This side of the watchdog: the pipe that is the lease, and the reports that come back. The script
 * {@code watchdog.sh} says what the lines mean.
 */
final class Watchdog {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  /** Hears what the watchdog reports, on the reading thread. */
  interface Listener {
    void onReady();

    /**
     * A command ended: {@code all} other processes are alive, {@code loose} belong to no command.
     */
    void onExit(long sequence, int code, int all, int loose);

    /** A command that was asked about runs. */
    void onRuns(long sequence);

    /** Everything was killed for a command; {@code left} processes withstood. */
    void onKilled(long sequence, int left);

    /** Nobody holds the reports' pipe any more: bubblewrap and process 1 have ended. */
    void onEnd();
  }

  private final Process process;
  private final OutputStream control;

  private Watchdog(Process process) {
    this.process = process;
    this.control = process.getOutputStream();
  }

  /**
   * Starts bubblewrap and reads its reports on a thread of its own.
   *
   * @param log takes what bubblewrap and the shell complain about
   */
  static Watchdog start(String sandboxId, List<String> argv, Path log, Listener listener)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(argv).redirectError(log.toFile());
    // Nothing of this JVM's environment, in whatever bubblewrap itself may read.
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    Watchdog watchdog = new Watchdog(builder.start());
    Thread reader =
        new Thread(() -> watchdog.read(sandboxId, listener), "sandbeam-local-" + sandboxId);
    reader.setDaemon(true);
    reader.start();
    return watchdog;
  }

  /** The pid of bubblewrap itself, outside the namespace. */
  long pid() {
    return process.pid();
  }

  /** Writes one line; false when process 1 is gone. The pipe has room: lines are few and short. */
  boolean send(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    synchronized (control) {
      try {
        control.write(bytes);
        control.flush();
        return true;
      } catch (IOException e) {
        LOG.debug("watchdog {} takes no more lines", process.pid(), e);
        return false;
      }
    }
  }

  /** Ends the lease. */
  void release() {
    synchronized (control) {
      try {
        control.close();
      } catch (IOException e) {
        LOG.debug("watchdog {} had gone before its lease", process.pid(), e);
      }
    }
  }

  private void read(String sandboxId, Listener listener) {
    try (BufferedReader reports =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII), 512)) {
      for (String line = reports.readLine(); line != null; line = reports.readLine()) {
        try {
          report(line.split(" "), listener);
        } catch (RuntimeException e) {
          LOG.error("Sandbox {}: report '{}' not handled", sandboxId, line, e);
        }
      }
    } catch (IOException e) {
      LOG.debug("Sandbox {}: reports ended", sandboxId, e);
    } finally {
      listener.onEnd();
    }
  }

  private static void report(String[] words, Listener listener) {
    switch (words[0]) {
      case "ready" -> listener.onReady();
      case "exit" ->
          listener.onExit(
              Long.parseLong(words[1]), number(words[2]), number(words[3]), number(words[4]));
      case "runs" -> listener.onRuns(Long.parseLong(words[1]));
      case "killed" -> listener.onKilled(Long.parseLong(words[1]), number(words[2]));
      default -> throw new IllegalArgumentException("unknown report");
    }
  }

  private static int number(String word) {
    return Integer.parseInt(word);
  }
}
