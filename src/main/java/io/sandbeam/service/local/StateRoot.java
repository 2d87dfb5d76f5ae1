package io.sandbeam.service.local;

import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxUnavailableException;
import java.io.IOException;
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
 * The directory that all owners of one user share: {@code owners/} and {@code snapshots/}. Fixed
 * for each user, so that a sweep from cron finds it.
 */
final class StateRoot {
  private final Path path;

  private StateRoot(Path path) {
    this.path = path;
  }

  static StateRoot open(Optional<Path> setting, Identity identity) {
    Path path = setting.orElseGet(() -> standard(identity)).toAbsolutePath().normalize();
    try {
      Files.createDirectories(path.getParent());
      makePrivate(path, identity);
      check(path, identity);
      if (identity.isRoot()) {
        checkPassable(path, identity);
      }
      StateRoot root = new StateRoot(path);
      makePrivate(root.owners(), identity);
      makePrivate(root.snapshots(), identity);
      return root;
    } catch (IOException e) {
      throw new SandboxUnavailableException(
          "State directory "
              + path
              + " cannot be used: "
              + e
              + "; choose another with SANDBEAM_STATE_DIR",
          e,
          Effect.NONE,
          null);
    }
  }

  Path path() {
    return path;
  }

  Path owners() {
    return path.resolve("owners");
  }

  Path snapshots() {
    return path.resolve("snapshots");
  }

  /** The names of all complete owner directories. */
  List<String> ownerNames() throws IOException {
    try (Stream<Path> entries = Files.list(owners())) {
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
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // Another JVM was faster; what it made is checked like any other.
        return;
      }
      Files.setPosixFilePermissions(directory, mode);
    }
  }

  private static Path standard(Identity identity) {
    return Optional.ofNullable(System.getenv("SANDBEAM_STATE_DIR"))
        .filter(text -> !text.isBlank())
        .map(Path::of)
        .orElseGet(() -> Path.of("/tmp/sandbeam-" + identity.uid()));
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
