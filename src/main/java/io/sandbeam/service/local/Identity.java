package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Who runs the sandboxes on the host.
 *
 * <p>An ordinary user's sandboxes run as that user. Root's must not: a user namespace of root's
 * still counts as root where the kernel asks for the uid only, as it does for the files of {@code
 * /proc/sys}, and no process limit holds root. So root's sandboxes run as a uid that no
 * distribution gives to anyone.
 *
 * @param uid of this JVM
 * @param sandboxUid of the sandboxes
 */
record Identity(int uid, int sandboxUid) {

  /** Between the ranges of systemd's home users and its dynamic users. */
  private static final int SURROGATE = 60999;

  static Identity current() {
    try {
      int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      return new Identity(uid, uid == 0 ? SURROGATE : uid);
    } catch (IOException e) {
      throw new IllegalStateException("/proc/self is not readable: " + e.getMessage(), e);
    }
  }

  boolean isRoot() {
    return uid == 0;
  }

  /** What starts bubblewrap. */
  List<String> launcher(String bwrap) {
    if (!isRoot()) {
      return List.of(bwrap);
    }
    String id = Integer.toString(sandboxUid);
    return List.of("setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", bwrap);
  }
}
