package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /dev/shm}, where it can hold the files of owners. The answer depends on the machine only,
 * never on how full it is, so that all processes of a user agree.
 */
final class SharedMemory {
  private static final Logger LOG = LoggerFactory.getLogger(SharedMemory.class);
  private static final Path MOUNT = Path.of("/dev/shm");

  /** Containers often have 64 MiB: too little for the standard input of many commands. */
  private static final long ENOUGH = 1L << 30;

  private SharedMemory() {}

  static Optional<Path> folder(String name) {
    try {
      boolean fits =
          isExecutableMemory(Files.readAllLines(Path.of("/proc/self/mounts")))
              && Files.getFileStore(MOUNT).getTotalSpace() >= ENOUGH;
      return fits ? Optional.of(MOUNT.resolve(name)) : Optional.empty();
    } catch (IOException e) {
      LOG.debug("{} cannot be used", MOUNT, e);
      return Optional.empty();
    }
  }

  /** The last line counts: it is the mount on top. */
  static boolean isExecutableMemory(List<String> mounts) {
    boolean fits = false;
    for (String mount : mounts) {
      List<String> fields = List.of(mount.split(" ", -1));
      if (fields.size() >= 4 && fields.get(1).equals(MOUNT.toString())) {
        List<String> options = List.of(fields.get(3).split(",", -1));
        fits =
            fields.get(2).equals("tmpfs") && options.contains("rw") && !options.contains("noexec");
      }
    }
    return fits;
  }
}
