package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control groups of one sandbox. */
final class Cgroup {
  private static final Logger LOG = LoggerFactory.getLogger(Cgroup.class);
  private static final long PERIOD_MICROS = 100_000;

  /** The watchdog, and a reporter for each of some commands at once. */
  private static final int OWN_PROCESSES = 8;

  private final Map<Controller, Path> groups;
  private final Cgroups.Version version;
  private final CgroupTree tree;

  Cgroup(Map<Controller, Path> groups, Cgroups.Version version, CgroupTree tree) {
    this.groups = groups;
    this.version = version;
    this.tree = tree;
  }

  void make(Limits limits) throws IOException {
    for (Path group : directories()) {
      tree.make(group);
    }
    for (Map.Entry<Controller, Path> entry : groups.entrySet()) {
      Path group = entry.getValue();
      switch (entry.getKey()) {
        case MEMORY -> limitMemory(group, Long.toString(limits.memory().bytes()));
        case PIDS -> set(group, "pids.max", Integer.toString(limits.processes() + OWN_PROCESSES));
        case CPU -> limitCpu(group, limits.cpuMillis() * PERIOD_MICROS / 1000);
      }
    }
  }

  /** Moves a process in; its children will be born there. */
  void join(HostProcess process) throws IOException {
    for (Path group : directories()) {
      set(group, "cgroup.procs", Long.toString(process.pid()));
    }
  }

  /** How often the kernel killed a process in here for want of memory. */
  long oomKills() {
    Path group = groups.get(Controller.MEMORY);
    if (group == null) {
      return 0;
    }
    try {
      Path events = group.resolve(isSecond() ? "memory.events" : "memory.oom_control");
      for (String line : tree.read(events)) {
        if (line.startsWith("oom_kill ")) {
          return Long.parseLong(line.substring("oom_kill ".length()).trim());
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Whoever reads the results should know that they may say FAILED for OUT_OF_MEMORY.
      LOG.warn(
          "cgroup {} tells no oom kills; a command killed for want of memory shows as failed",
          group,
          e);
    }
    return 0;
  }

  Set<Path> directories() {
    return Set.copyOf(groups.values());
  }

  /** Removes the groups; all processes are dead. */
  void remove() {
    directories().forEach(group -> remove(tree, group));
  }

  /**
   * The kernel may keep a group busy for a moment after its last process: the sweep tries again.
   */
  static void remove(CgroupTree tree, Path group) {
    for (int attempt = 0; ; attempt++) {
      try {
        tree.remove(group);
        return;
      } catch (IOException e) {
        if (attempt == 20) {
          LOG.warn("cgroup {} cannot be removed yet; a later sweep will", group, e);
          return;
        }
        LockSupport.parkNanos(5_000_000L);
      }
    }
  }

  private void limitMemory(Path group, String bytes) throws IOException {
    if (isSecond()) {
      // Not memory.oom.group: the kernel ends the greediest process, and the sandbox lives on.
      set(group, "memory.max", bytes);
      if (tree.exists(group.resolve("memory.swap.max"))) {
        set(group, "memory.swap.max", "0");
      }
    } else {
      set(group, "memory.limit_in_bytes", bytes);
      if (tree.exists(group.resolve("memory.memsw.limit_in_bytes"))) {
        set(group, "memory.memsw.limit_in_bytes", bytes);
      }
    }
  }

  private void limitCpu(Path group, long quota) throws IOException {
    long atLeast = Math.max(1000, quota);
    if (isSecond()) {
      set(group, "cpu.max", atLeast + " " + PERIOD_MICROS);
    } else {
      set(group, "cpu.cfs_period_us", Long.toString(PERIOD_MICROS));
      set(group, "cpu.cfs_quota_us", Long.toString(atLeast));
    }
  }

  private boolean isSecond() {
    return version == Cgroups.Version.V2;
  }

  private void set(Path group, String file, String value) throws IOException {
    tree.write(group.resolve(file), value);
  }
}
