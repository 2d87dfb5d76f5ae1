package io.sandbeam.service.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.SandboxSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The create request of one container: closed to everything that the spec does not ask for. A pure
 * function of its parts.
 *
 * @param name of the container, and of the sandbox
 * @param image as the engine knows it
 * @param facts what the engine is
 * @param hosts the engine's path of an {@code /etc/hosts}, if it has one for containers without a
 *     network
 */
record ContainerPlan(
    String name,
    String image,
    SandboxSpec spec,
    DockerSettings settings,
    EngineFacts facts,
    Optional<String> hosts) {

  /** Where process 1 keeps its own files. */
  static final String PRIVATE = "/.sandbeam";

  /** Input of commands that wait to be read, 32 MiB each at most. */
  private static final ByteSize PRIVATE_SIZE = ByteSize.ofMebibytes(512);

  private static final long SHARED_MEMORY = 64L << 20;

  CreateContainerCmd applyTo(CreateContainerCmd create) {
    boolean byRuntime =
        spec.network() == Network.NONE
            && (hosts.isPresent() || settings.localhost() == DockerSettings.Localhost.NEVER);
    create
        .withName(name)
        .withLabels(Labels.of(spec))
        // Nothing of the image's own start-up runs, and no health check.
        .withEntrypoint("/bin/sh", "-c", Scripts.BOOT, "boot")
        .withCmd(Scripts.WATCHDOG)
        .withEnv("HOME=" + SandboxSpec.WORKSPACE, "USER=sandbox", "SANDBEAM_SANDBOX_ID=" + name)
        // Commands choose theirs. An engine would make this one, for root, under what is mounted.
        .withWorkingDir("/")
        .withHostName("sandbox")
        .withNetworkDisabled(byRuntime)
        .withStdinOpen(true)
        .withStdInOnce(true)
        .withAttachStdin(true)
        .withAttachStdout(true)
        .withAttachStderr(true)
        .withTty(false)
        .withHostConfig(host());
    settings.user().ifPresent(create::withUser);
    return create;
  }

  private HostConfig host() {
    HostConfig host =
        HostConfig.newHostConfig()
            .withAutoRemove(true)
            .withNetworkMode(spec.network() == Network.NONE ? "none" : settings.network())
            .withReadonlyRootfs(true)
            .withTmpFs(fileSystems())
            .withShmSize(SHARED_MEMORY)
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges"))
            .withPrivileged(false)
            // Output is read from the attached stream; a log would be a copy on the engine's disk.
            .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
            .withPidsLimit((long) processes());
    long memory = memory();
    if (memory > 0) {
      // No swap: what is above ends by the memory killer, and is reported so.
      host.withMemory(memory).withMemorySwap(memory);
    }
    int cpu = cpuMillis();
    if (cpu > 0) {
      host.withNanoCPUs(cpu * 1_000_000L);
    }
    settings.runtime().ifPresent(host::withRuntime);
    hosts.map(HostsFile::mount).map(List::of).ifPresent(host::withMounts);
    return host;
  }

  private Map<String, String> fileSystems() {
    Map<String, String> all = new TreeMap<>();
    all.put(SandboxSpec.WORKSPACE, tmpfs(workspace()));
    all.put("/tmp", tmpfs(settings.tmpSize()));
    all.put(PRIVATE, tmpfs(PRIVATE_SIZE));
    return all;
  }

  private String tmpfs(ByteSize size) {
    String options = "rw,nosuid,nodev,exec,mode=1777,size=" + size.bytes();
    if (facts.isPodman() || settings.user().isEmpty()) {
      return options;
    }
    // Where the image has such a folder, its mode counts, and so it has to be the user's.
    String[] ids = settings.user().get().split(":", -1);
    return options + ",uid=" + ids[0] + ",gid=" + ids[1];
  }

  private ByteSize workspace() {
    return spec.resources().disk().orElse(settings.workspaceSize());
  }

  private int processes() {
    // Ours come on top: process 1, its timer, two relays, and what starts a command.
    return spec.resources().processes().orElse(settings.processes()) + 8;
  }

  private long memory() {
    return spec.resources().memory().or(settings::memory).map(ByteSize::bytes).orElse(0L);
  }

  private int cpuMillis() {
    return spec.resources().cpu().orElse(settings.cpuMillis());
  }

  /** What holds which limit, for people. */
  Map<String, String> limitsInForce() {
    Map<String, String> limits = new TreeMap<>();
    limits.put("disk", "tmpfs, " + workspace() + ", counted as memory");
    // What another runtime does about them, nobody tells.
    String by =
        "the engine's cgroup"
            + settings.runtime().map(runtime -> " as far as " + runtime + " keeps it").orElse("")
            + ", ";
    limits.put("processes", by + processes() + ", ours included");
    if (memory() > 0) {
      limits.put("memory", by + ByteSize.ofBytes(memory()));
    }
    if (cpuMillis() > 0) {
      limits.put("cpu", by + cpuMillis() + "m");
    }
    return limits;
  }
}
