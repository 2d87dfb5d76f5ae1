package io.sandbeam.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and prints.
 *
 * @param in what is piped into the launcher
 * @param out results
 * @param err messages
 */
record Terminal(InputStream in, PrintStream out, PrintStream err) {

  /** Says something to the person at the terminal. */
  void say(String message) {
    err.println("sandbeam: " + message);
  }

  /** Whether nobody reads the results any more ({@code sandbeam list | head -1}). */
  boolean isClosed() {
    return out.checkError();
  }
}
