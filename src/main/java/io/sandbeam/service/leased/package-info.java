/**
 * The parts that services share whose sandboxes are leased to this process: they end with it.
 *
 * <p>Here live values and rules: what a command is and how a shell is told of it, what it wrote and
 * how it ended, the states of a sandbox and what each allows, which sandboxes are kept in memory
 * and for how long, what calls fail with. Here may not live: anything that starts a process, opens
 * a file or a socket, or knows what carries a sandbox. What one service does in its own way stays
 * with that service. This package imports the contract and no other package of Sandbeam; only
 * services import it.
 */
package io.sandbeam.service.leased;
