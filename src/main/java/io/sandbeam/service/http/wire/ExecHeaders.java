package io.sandbeam.service.http.wire;

/**
 * HTTP headers by which a client and a Sandbeam server agree on a command's time limit, since v1
 * has no field for it. Every other server ignores them, and they change nothing for it.
 *
 * <p>The client sends {@link #TIMEOUT_MS} and wraps the command so that it is killed inside the
 * sandbox when nobody else keeps the time. A server that keeps it
 *
 * <ol>
 *   <li>runs the command with exactly that time limit,
 *   <li>sets {@link #TIME_KEPT_VARIABLE} to {@code 1} for it, on which the wrapper steps aside,
 *   <li>answers 200 with the output there is, also when the limit struck, and says how the command
 *       ended in {@link #OUTCOME} and {@link #LEFTOVER_PROCESSES}.
 * </ol>
 *
 * <p>A command that came without the header and reaches the server's own limit is answered with
 * {@code CWSANDBOX_COMMAND_TIMEOUT}.
 */
public final class ExecHeaders {
  /** The time limit, in milliseconds, 1 to 10 digits. */
  public static final String TIMEOUT_MS = "Sandbeam-Exec-Timeout-Ms";

  /** A name of {@link io.sandbeam.service.ExecOutcome}. */
  public static final String OUTCOME = "Sandbeam-Exec-Outcome";

  /** A number, -1 when the server cannot tell. */
  public static final String LEFTOVER_PROCESSES = "Sandbeam-Leftover-Processes";

  /** Set for a command whose time limit the server keeps; the wrapper takes it away again. */
  public static final String TIME_KEPT_VARIABLE = "SANDBEAM_TIME_KEPT";

  private ExecHeaders() {}
}
