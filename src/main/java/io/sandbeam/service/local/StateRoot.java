package io.sandbeam.service.local;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directories that all owners of one user share: {@code owners/}, {@code seals/} and {@code
 * snapshots/}. Fixed for each user of a machine, so that a sweep from cron finds them.
 *
 * <p>Unless another place is chosen, owners are in {@code /dev/shm/sandbeam-UID} where that is
 * memory with room from which programs may be started, and in {@code /tmp/sandbeam-UID} elsewhere:
 * a fresh sandbox makes and removes a dozen small files, which on a disk's file system took more
 * time than the sandbox itself. Snapshots are in {@code /tmp/sandbeam-UID}: they are large.
 */
final class StateRoot {
  private final Path owners;
  private final Path seals;
  private final Path snapshots;

  private StateRoot(Path owners, Path seals, Path snapshots) {
    this.owners = owners;
    this.seals = seals;
    this.snapshots = snapshots;
  }

  static StateRoot open(Optional<Path> setting, Identity identity) {
    Optional<Path> chosen =
        setting
            .or(
                () ->
                    Optional.ofNullable(System.getenv("SANDBEAM_STATE_DIR"))
                        .filter(text -> !text.isBlank())
                        .map(Path::of))
            .map(path -> path.toAbsolutePath().normalize());
    String name = "sandbeam-" + identity.uid();
    Path disk = chosen.orElseGet(() -> Path.of("/tmp", name));
    Path memory = chosen.or(() -> SharedMemory.folder(name)).orElse(disk);
    prepare(disk, identity);
    prepare(memory, identity);
    StateRoot root =
        new StateRoot(memory.resolve("owners"), memory.resolve("seals"), disk.resolve("snapshots"));
    try {
      makePrivate(root.owners, identity);
      makePrivate(root.seals, identity);
      makePrivate(root.snapshots, identity);
      return root;
    } catch (IOException e) {
      throw unusable(memory, e);
    }
  }

  private static void prepare(Path path, Identity identity) {
    try {
      Files.createDirectories(path.getParent());
      makePrivate(path, identity);
      check(path, identity);
      if (identity.isRoot()) {
        checkPassable(path, identity);
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  static SandboxUnavailableException unusable(Path path, IOException e) {
    return new SandboxUnavailableException(
        "State directory "
            + path
            + " cannot be used: "
            + e
            + "; choose another with SANDBEAM_STATE_DIR",
        e,
        Effect.NONE,
        null);
  }

  Path owners() {
    return owners;
  }

  Path seals() {
    return seals;
  }

  Path snapshots() {
    return snapshots;
  }

  /** The names of all complete owner directories. */
  List<String> ownerNames() throws IOException {
    try (Stream<Path> entries = Files.list(owners)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  /** Root's directories can be passed through, not listed, by the uid that its sandboxes run as. */
  static void makePrivate(Path directory, Identity identity) throws IOException {
    Set<PosixFilePermission> mode =
        PosixFilePermissions.fromString(identity.isRoot() ? "rwx--x--x" : "rwx------");
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
      } catch (FileAlreadyExistsException e) {
        // Another JVM was faster; what it made is checked like any other.
        return;
      }
      Files.setPosixFilePermissions(directory, mode);
    }
  }

  /** bubblewrap itself runs as the sandboxes' user and has to reach their directories. */
  private static void checkPassable(Path path, Identity identity) throws IOException {
    for (Path folder = path; folder != null; folder = folder.getParent()) {
      if (!Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new SandboxException(
            "State directory "
                + path
                + " cannot be used: root's sandboxes run as uid "
                + identity.sandboxUid()
                + ", which cannot pass "
                + folder
                + ". Allow it with chmod o+x "
                + folder
                + ", or choose another with SANDBEAM_STATE_DIR");
      }
    }
  }

  private static void check(Path path, Identity identity) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(path, "unix:uid,mode,isDirectory", LinkOption.NOFOLLOW_LINKS);
    boolean directory = (Boolean) found.get("isDirectory");
    int owner = (Integer) found.get("uid");
    int mode = (Integer) found.get("mode") & 0777;
    int allowed = identity.isRoot() ? 0755 : 0700;
    if (!directory || owner != identity.uid() || (mode & ~allowed) != 0) {
      throw new SandboxException(
          "State directory "
              + path
              + " is not safe: it is "
              + (directory ? "a directory" : "no directory")
              + " of uid "
              + owner
              + " with mode "
              + Integer.toOctalString(mode)
              + "; it must be a directory of uid "
              + identity.uid()
              + " that nobody else can write to. Remove it, or choose another with SANDBEAM_STATE_DIR");
    }
  }
}
