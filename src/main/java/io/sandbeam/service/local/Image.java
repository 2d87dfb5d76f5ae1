package io.sandbeam.service.local;

import java.nio.file.Path;
import java.util.List;

/**
 * The read-only view that a sandbox starts from.
 *
 * @param name as the user wrote it, after aliases
 * @param mounts in the order they are made
 * @param shell a copy of the view's {@code /bin/sh} on the host, executable and not readable by the
 *     sandbox, so that the kernel keeps the watchdog's memory and descriptors from the commands
 */
record Image(String name, List<Mount> mounts, Path shell) {
  Image {
    mounts = List.copyOf(mounts);
  }
}
