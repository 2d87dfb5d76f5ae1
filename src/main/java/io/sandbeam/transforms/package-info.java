/**
 * The Beam face: transforms that run commands in sandboxes, and the launcher's side of a job.
 *
 * <p>{@link io.sandbeam.transforms.SandboxExec} makes results of commands, {@link
 * io.sandbeam.transforms.SandboxSweep} ends what a step left, {@link
 * io.sandbeam.transforms.SandboxJob} runs a pipeline, sweeps whatever its end was, and keeps the
 * account. {@link io.sandbeam.transforms.SandboxOptions} are their pipeline options; both
 * transforms are also schema transforms, for Beam YAML and other languages.
 *
 * <p>Everything here speaks to sandboxes through {@code io.sandbeam.sandbox}. Here may not live:
 * knowledge of one service, of YAML, or of a command line.
 */
package io.sandbeam.transforms;
