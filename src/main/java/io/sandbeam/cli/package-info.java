/**
 * The launcher: {@code sandbeam run}, {@code sweep}, {@code list}, {@code delete}, {@code exec} and
 * {@code doctor}. One class per subcommand.
 *
 * <p>What lives here: reading arguments, printing, exit codes. It is the only package that talks to
 * the terminal, and nobody imports it. Results go to standard output, messages to standard error;
 * bad input never gives a stack trace.
 */
package io.sandbeam.cli;
