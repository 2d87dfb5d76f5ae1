package io.sandbeam.service.local;

import java.nio.file.Path;

/**
 * Where this process stands among the control groups.
 *
 * @param mounts where the hierarchies are mounted
 * @param self the file that names this process's own groups
 * @param tree the hierarchies' files
 * @param init who owns the groups that nobody has been given
 * @param user this process's user, by name
 * @param root whether that is root
 */
record CgroupHost(
    Path mounts, Path self, CgroupTree tree, InitSystem init, String user, boolean root) {

  static CgroupHost current() {
    return new CgroupHost(
        Path.of("/sys/fs/cgroup"),
        Path.of("/proc/self/cgroup"),
        new KernelCgroupTree(),
        new Systemd(),
        System.getProperty("user.name"),
        Identity.current().isRoot());
  }

  /** How to get a group of one's own from the init system. */
  String askForDelegation() {
    if (root) {
      return "Run it in a group of its own: systemd-run --scope -p Delegate=yes COMMAND";
    }
    return init.servesThisUser()
        ? "Run it in a group of its own: systemd-run --user --scope -p Delegate=yes COMMAND"
        : "Run it in a group of its own: sudo systemd-run --pipe --wait --collect --same-dir --uid="
            + user
            + " -p Delegate=yes COMMAND";
  }
}
