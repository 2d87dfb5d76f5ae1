package io.sandbeam.service.local;

import io.sandbeam.service.Network;
import io.sandbeam.service.SandboxSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of one sandbox. A pure function: it reads nothing and starts nothing.
 *
 * @param launcher what comes before bwrap's own arguments: its path, or a program that gives up
 *     root first
 * @param image the view
 * @param network what it may reach
 * @param limits sizes of the writable file systems and what the watchdog sets on itself
 * @param controlDirectory on the host, shown read-only at {@link #CONTROL}
 * @param archive of the host, shown at {@link #ARCHIVE}, for a sandbox that starts from a snapshot
 * @param sandboxId marks the processes in the host's process table
 */
record BwrapCommand(
    List<String> launcher,
    Image image,
    Network network,
    Limits limits,
    String controlDirectory,
    Optional<String> archive,
    String sandboxId) {

  /** Where the sandbox sees its control directory. */
  static final String CONTROL = "/.sandbeam";

  /** Where a new sandbox sees the snapshot that it starts from. */
  static final String ARCHIVE = CONTROL + "/archive";

  /** The user and group that commands see themselves run as. */
  static final int USER = 1000;

  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  List<String> argv() {
    List<String> argv = new ArrayList<>(launcher);
    add(argv, "--unshare-all", "--unshare-user", "--disable-userns");
    add(argv, "--uid", Integer.toString(USER), "--gid", Integer.toString(USER));
    if (network == Network.OPEN) {
      add(argv, "--share-net");
    }
    add(argv, "--as-pid-1", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox");
    add(argv, "--clearenv");
    add(argv, "--setenv", "PATH", PATH, "--setenv", "HOME", SandboxSpec.WORKSPACE);
    add(argv, "--setenv", "USER", "sandbox", "--setenv", "LOGNAME", "sandbox");
    add(argv, "--setenv", "LANG", "C.UTF-8", "--setenv", "SANDBEAM_SANDBOX_ID", sandboxId);
    image.mounts().forEach(mount -> addMount(argv, mount));
    add(argv, "--proc", "/proc", "--dev", "/dev");
    addTmpfs(argv, "1777", limits.sharedMemory().bytes(), "/dev/shm");
    add(argv, "--remount-ro", "/dev");
    addTmpfs(argv, "1777", limits.tmp().bytes(), "/tmp");
    addTmpfs(argv, "0755", limits.workspace().bytes(), SandboxSpec.WORKSPACE);
    add(argv, "--ro-bind", controlDirectory, CONTROL);
    archive.ifPresent(file -> add(argv, "--ro-bind", file, ARCHIVE));
    // The root itself is a tmpfs without a size: nobody may write there.
    add(argv, "--remount-ro", "/", "--chdir", SandboxSpec.WORKSPACE, "--");
    add(argv, CONTROL + "/sh", CONTROL + "/watchdog", sandboxId);
    add(argv, Integer.toString(limits.rlimitProcesses()));
    add(argv, Long.toString(limits.rlimitAddressSpace().bytes() / 1024));
    return List.copyOf(argv);
  }

  /** Whether these are the arguments of bubblewrap, or of process 1, of one of these sandboxes. */
  static boolean belongsTo(List<String> argv, Set<String> sandboxIds) {
    int watchdog = argv.indexOf(CONTROL + "/watchdog");
    return watchdog > 0
        && watchdog + 1 < argv.size()
        && argv.get(watchdog - 1).equals(CONTROL + "/sh")
        && sandboxIds.contains(argv.get(watchdog + 1));
  }

  private static void addMount(List<String> argv, Mount mount) {
    if (mount instanceof Mount.ReadOnly bind) {
      add(argv, "--ro-bind", bind.source(), bind.target());
    } else if (mount instanceof Mount.Link link) {
      add(argv, "--symlink", link.content(), link.target());
    }
  }

  private static void addTmpfs(List<String> argv, String mode, long bytes, String target) {
    add(argv, "--perms", mode, "--size", Long.toString(bytes), "--tmpfs", target);
  }

  private static void add(List<String> argv, String... words) {
    argv.addAll(List.of(words));
  }
}
