package io.sandbeam.service.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one service instance keeps on disk. Its {@code lock} file is locked as long as the JVM
 * lives: the kernel frees the lock at once after {@code kill -9}, and no pid can be mistaken.
 *
 * <p>The name begins with this JVM's pid and start time, because a JVM that opens and closes its
 * own lock file a second time would lose the lock.
 */
final class OwnerDirectory implements AutoCloseable {
  private static final String UNFINISHED = "new-";
  private static final Pattern NAME =
      Pattern.compile("(?:" + UNFINISHED + ")?(\\d{1,18})-(\\d{1,18})-[0-9a-f]{16}");

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private OwnerDirectory(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /** The start of the names of all owners in this JVM. */
  static String prefixOfThisProcess() {
    HostProcess self = HostProcess.current();
    return self.pid() + "-" + self.startTicks() + "-";
  }

  /** Whether this directory is still being made: nobody may look into it. */
  static boolean isUnfinished(String name) {
    return name.startsWith(UNFINISHED);
  }

  /** The JVM that made a directory of this name; empty when no owner's directory is called so. */
  static Optional<HostProcess> makerOf(String name) {
    Matcher parts = NAME.matcher(name);
    return parts.matches()
        ? Optional.of(
            new HostProcess(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2))))
        : Optional.empty();
  }

  static OwnerDirectory create(StateRoot root, Identity identity) throws IOException {
    String name = prefixOfThisProcess() + SandboxId.random();
    Path unfinished = root.owners().resolve(UNFINISHED + name);
    Path path = root.owners().resolve(name);
    Files.createDirectory(unfinished);
    try {
      protect(unfinished, identity);
      FileChannel channel =
          FileChannel.open(
              unfinished.resolve("lock"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try {
        FileLock lock = channel.lock();
        fill(unfinished);
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
        return new OwnerDirectory(path, channel, lock);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      // While this process lives, no sweep would remove it.
      TreeDeleter.delete(unfinished);
      throw e;
    }
  }

  private static void protect(Path directory, Identity identity) throws IOException {
    if (identity.isRoot()) {
      // Only root and the uid of its sandboxes can pass.
      Files.setAttribute(directory, "unix:gid", identity.sandboxUid());
    }
    Files.setPosixFilePermissions(
        directory, PosixFilePermissions.fromString(identity.isRoot() ? "rwx--x---" : "rwx------"));
  }

  private static void fill(Path directory) throws IOException {
    for (String part : new String[] {"sandboxes", "fifos", "shells", "etc", "leases"}) {
      makeReadable(Files.createDirectory(directory.resolve(part)));
    }
    for (String script : new String[] {"watchdog", "warden"}) {
      Path copy = directory.resolve(script);
      try (InputStream content = OwnerDirectory.class.getResourceAsStream(script + ".sh")) {
        Files.copy(content, copy);
      }
      Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("r--r--r--"));
    }
    EtcDirectory.write(directory.resolve("etc"));
  }

  String name() {
    return path.getFileName().toString();
  }

  Path path() {
    return path;
  }

  Path etc() {
    return path.resolve("etc");
  }

  Path sandboxes() {
    return path.resolve("sandboxes");
  }

  Path sandbox(String id) {
    return sandboxes().resolve(id);
  }

  Path watchdog() {
    return path.resolve("watchdog");
  }

  Path warden() {
    return path.resolve("warden");
  }

  Path leases() {
    return path.resolve("leases");
  }

  Path fifos() {
    return path.resolve("fifos");
  }

  /** Copies a shell so that its processes can execute it and nobody but root can read it. */
  Path copyOfShell(Path shell, String name) throws IOException {
    Path copy = path.resolve("shells").resolve(name);
    if (!Files.exists(copy)) {
      Path partial = copy.resolveSibling(name + "." + SandboxId.random());
      Files.copy(shell, partial);
      Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("--x--x--x"));
      Files.move(partial, copy, StandardCopyOption.ATOMIC_MOVE);
    }
    return copy;
  }

  /** Makes a directory passable whatever the umask is; the owner's directory keeps others out. */
  static Path makeReadable(Path directory) throws IOException {
    return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Removes everything and lets go of the lock. */
  @Override
  public void close() throws IOException {
    try {
      TreeDeleter.delete(path);
    } finally {
      lock.release();
      channel.close();
    }
  }
}
