/**
 * Sandboxes on this machine: bubblewrap namespaces, no daemon, no root.
 *
 * <p>One {@code bwrap} process carries one sandbox. Its process 1 is a small shell script, the
 * watchdog, whose standard input is a pipe from this JVM: the lease and the control channel in one.
 * When the JVM dies, however it dies, the pipe closes, process 1 ends, and the kernel ends
 * everything in the namespace. Files, standard streams and snapshots move through commands that run
 * inside the sandbox; no path of a sandbox is ever resolved on the host.
 *
 * <p>Here lives everything that knows bubblewrap, cgroups and {@code /proc}. Here may not live:
 * anything that knows another service, the SDK, or Apache Beam. The only public type is the
 * provider.
 */
package io.sandbeam.service.local;
