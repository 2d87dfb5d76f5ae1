package io.sandbeam.service.local;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Resources;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one sandbox may use, and what enforces it.
 *
 * @param workspace size of {@code /workspace}
 * @param tmp size of {@code /tmp}
 * @param sharedMemory size of {@code /dev/shm}
 * @param memory of all processes together, by cgroup; 0 is no limit
 * @param processes by cgroup; 0 is no limit
 * @param cpuMillis by cgroup; 0 is no limit
 * @param rlimitProcesses set by the watchdog where no cgroup counts them; 0 is none
 * @param rlimitAddressSpace of each process, where no cgroup limits memory; 0 is none
 * @param inForce what to tell: limit to what enforces it
 */
record Limits(
    ByteSize workspace,
    ByteSize tmp,
    ByteSize sharedMemory,
    ByteSize memory,
    int processes,
    int cpuMillis,
    int rlimitProcesses,
    ByteSize rlimitAddressSpace,
    Map<String, String> inForce) {

  private static final ByteSize NONE = ByteSize.ofBytes(0);

  Limits {
    inForce = Collections.unmodifiableMap(new TreeMap<>(inForce));
  }

  /**
   * Puts what a spec asks for together with the defaults and with what this machine can enforce.
   *
   * <p>A cgroup is used only for what was asked for: moving a process into one makes the kernel
   * wait for all processors, 13 ms where bubblewrap itself takes 5.
   */
  static Limits of(Resources asked, LocalSettings defaults, Cgroups cgroups) {
    ByteSize workspace = asked.disk().orElse(defaults.workspaceSize());
    Optional<ByteSize> memory = asked.memory().or(defaults::memory);
    int processes = asked.processes().orElse(defaults.processes());
    int cpu = asked.cpu().orElse(0);
    boolean memoryGroup = memory.isPresent() && cgroups.controls(Controller.MEMORY);
    boolean cpuGroup = cpu > 0 && cgroups.controls(Controller.CPU);
    boolean processGroup =
        cgroups.controls(Controller.PIDS)
            && (memoryGroup || cpuGroup || !Version.kernelCountsProcessesByNamespace());
    Map<String, String> inForce = new TreeMap<>();
    inForce.put(
        "disk", "tmpfs, " + workspace + " in /workspace, " + defaults.tmpSize() + " in /tmp");
    inForce.put("memory", describeMemory(memory, memoryGroup, cgroups));
    inForce.put("processes", describeProcesses(processes, processGroup, cgroups));
    if (cpu > 0) {
      inForce.put(
          "cpu", cpuGroup ? cgroups.version() + ", " + cpu + "m" : "not enforced: " + why(cgroups));
    }
    return new Limits(
        workspace,
        defaults.tmpSize(),
        defaults.sharedMemorySize(),
        memoryGroup ? memory.get() : NONE,
        processGroup ? processes : 0,
        cpuGroup ? cpu : 0,
        processGroup ? 0 : processes,
        memoryGroup ? NONE : memory.orElse(NONE),
        inForce);
  }

  /** Whether memory or cpu is asked for and no cgroup is there to limit it. */
  static boolean fallShort(Resources asked, LocalSettings defaults, Cgroups cgroups) {
    boolean memory = asked.memory().or(defaults::memory).isPresent();
    boolean cpu = asked.cpu().orElse(0) > 0;
    return (memory && !cgroups.controls(Controller.MEMORY))
        || (cpu && !cgroups.controls(Controller.CPU));
  }

  private static String describeMemory(
      Optional<ByteSize> memory, boolean grouped, Cgroups cgroups) {
    if (memory.isEmpty()) {
      return "not limited; files are, by their file systems' sizes";
    }
    return grouped
        ? cgroups.version() + ", " + memory.get() + ", files in /workspace and /tmp included"
        : "rlimit, "
            + memory.get()
            + " of address space for each process, not together: "
            + why(cgroups);
  }

  private static String why(Cgroups cgroups) {
    return cgroups.shortfall().map(Shortfall::why).orElse("no cgroup for it");
  }

  private static String describeProcesses(int processes, boolean grouped, Cgroups cgroups) {
    if (grouped) {
      return cgroups.version() + ", " + processes;
    }
    return Version.kernelCountsProcessesByNamespace()
        ? "rlimit, " + processes
        : "rlimit, " + processes + " of this user's, sandboxes and others together";
  }
}
