/**
 * Sandboxes as containers of a Docker Engine, local or remote, or of Podman's Docker API. Only
 * {@code DockerServiceProvider} is public.
 *
 * <p>From the outside in: {@code DockerService} answers the calls; {@code OwnSandboxes} keeps what
 * this process made, {@code OtherSandboxes} reads what others made from the engine; a {@code
 * DockerSandbox} is one container of ours, from its create to its proven end; its {@code Commands}
 * run over the one attached stream, whose other end is {@code watchdog.sh}. {@code Engine} is the
 * only class that talks to the engine. Nothing here is kept on disk, and nothing is shared between
 * processes but through the engine.
 */
package io.sandbeam.service.docker;
