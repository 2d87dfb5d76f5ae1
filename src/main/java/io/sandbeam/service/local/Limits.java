package io.sandbeam.service.local;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Resources;
import java.util.Collections;
import java.util.Map;
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
   */
  static Limits of(Resources asked, LocalSettings defaults, Cgroups cgroups) {
    ByteSize workspace = asked.disk().orElse(defaults.workspaceSize());
    ByteSize memory = asked.memory().orElse(defaults.memory());
    int processes = asked.processes().orElse(defaults.processes());
    int cpu = asked.cpu().orElse(0);
    Map<String, String> inForce = new TreeMap<>();
    inForce.put(
        "disk", "tmpfs, " + workspace + " in /workspace, " + defaults.tmpSize() + " in /tmp");
    boolean memoryGroup = cgroups.controls(Cgroups.Controller.MEMORY);
    boolean processGroup = cgroups.controls(Cgroups.Controller.PIDS);
    boolean cpuGroup = cgroups.controls(Cgroups.Controller.CPU);
    ByteSize addressSpace = memoryGroup || asked.memory().isEmpty() ? NONE : memory;
    if (memoryGroup) {
      inForce.put(
          "memory", cgroups.version() + ", " + memory + ", files in /workspace and /tmp included");
    } else if (asked.memory().isPresent()) {
      inForce.put(
          "memory", "rlimit, " + memory + " of address space for each process, not together");
    } else {
      inForce.put("memory", "not enforced: no writable memory cgroup on this machine");
    }
    inForce.put(
        "processes",
        processGroup
            ? cgroups.version() + ", " + processes
            : "rlimit, " + processes + " of this sandbox's user");
    if (cpu > 0) {
      inForce.put(
          "cpu",
          cpuGroup
              ? cgroups.version() + ", " + cpu + "m"
              : "not enforced: no writable cpu cgroup on this machine");
    }
    return new Limits(
        workspace,
        defaults.tmpSize(),
        defaults.sharedMemorySize(),
        memoryGroup ? memory : NONE,
        processGroup ? processes : 0,
        cpuGroup ? cpu : 0,
        processGroup ? 0 : processes,
        addressSpace,
        inForce);
  }
}
