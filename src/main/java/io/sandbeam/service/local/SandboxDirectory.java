package io.sandbeam.service.local;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The files of one sandbox on the host: {@code record.json}, {@code log} (what bubblewrap said),
 * {@code deleted} (another process asked for its end), and {@code control/}, which the sandbox sees
 * read-only.
 */
final class SandboxDirectory {
  private static final int LOG_SHOWN = 500;

  private final Path path;

  SandboxDirectory(Path path) {
    this.path = path;
  }

  /** Makes it, with what the watchdog needs. */
  void create(Image image, Path watchdog) throws IOException {
    OwnerDirectory.makeReadable(Files.createDirectory(path));
    OwnerDirectory.makeReadable(Files.createDirectory(control()));
    Files.createLink(control().resolve("sh"), image.shell());
    Files.createLink(control().resolve("watchdog"), watchdog);
    // What an archive is mounted over.
    Files.createFile(control().resolve("archive"));
  }

  Path path() {
    return path;
  }

  Path control() {
    return path.resolve("control");
  }

  Path log() {
    return path.resolve("log");
  }

  /** Writes a file that the sandbox reads. */
  void putControl(String name, byte[] content) throws IOException {
    Path file = Files.write(control().resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  void removeControl(String name) throws IOException {
    Files.deleteIfExists(control().resolve(name));
  }

  /** Whether another process asked for the end. */
  boolean isMarkedDeleted() {
    return Files.exists(tombstone(path));
  }

  /** As it is to be told: marked for its end means ending. */
  SandboxInfo shown(SandboxInfo info) {
    return info.isTerminal() || !isMarkedDeleted()
        ? info
        : info.withState(SandboxState.TERMINATING);
  }

  static Path tombstone(Path sandbox) {
    return sandbox.resolve("deleted");
  }

  /** What bubblewrap or the shell complained about, at most a line or two. */
  String complaints() {
    try {
      byte[] bytes = Files.readAllBytes(log());
      String text = new String(bytes, StandardCharsets.UTF_8).strip().replace('\n', ' ');
      return text.length() > LOG_SHOWN ? "…" + text.substring(text.length() - LOG_SHOWN) : text;
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return "its log is not readable: " + e.getMessage();
    }
  }

  /** Leaves only the record. */
  void removeAllButRecord() throws IOException {
    TreeDeleter.delete(control());
    Files.deleteIfExists(log());
  }

  void remove() throws IOException {
    TreeDeleter.delete(path);
  }
}
