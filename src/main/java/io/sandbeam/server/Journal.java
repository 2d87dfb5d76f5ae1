package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines that survive the process: each is in the kernel's hands when {@link #append} returns, so a
 * {@code kill -9} loses none; a power cut may lose the last second. One process at a time holds a
 * folder, by a file lock that ends with it. Thread-safe.
 */
final class Journal implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

  private final Path file;
  private final FileChannel lockChannel;
  private final UnaryOperator<FileChannel> disk;
  private final LineWriter writer = new LineWriter();
  private FileChannel channel;
  private boolean incomplete;
  private long lines;
  private long failures;

  private Journal(Path folder, FileChannel lockChannel, UnaryOperator<FileChannel> disk) {
    this.file = folder.resolve("sandboxes.jsonl");
    this.lockChannel = lockChannel;
    this.disk = disk;
  }

  /**
   * Takes a folder, made for its owner only if it is missing.
   *
   * @throws SandboxException when it cannot be written, or another server holds it
   */
  static Journal open(Path folder) {
    return open(folder, channel -> channel);
  }

  /**
   * As the other.
   *
   * @param disk what its lines are appended to, over the file itself
   */
  static Journal open(Path folder, UnaryOperator<FileChannel> disk) {
    try {
      createPrivate(folder);
      FileChannel lockChannel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(lockChannel)) {
        lockChannel.close();
        throw new SandboxException(
            "Another server holds '"
                + folder
                + "': stop it, or give this one its own state folder");
      }
      Journal journal = new Journal(folder, lockChannel, disk);
      journal.channel = journal.openForAppend();
      return journal;
    } catch (IOException e) {
      throw new SandboxException("Cannot keep records in '" + folder + "': " + e, e);
    }
  }

  /** All lines, oldest first; the last one may have been cut by a crash. */
  synchronized List<String> read() {
    try {
      List<String> all =
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      lines = all.size();
      return all;
    } catch (IOException e) {
      throw new SandboxException("Cannot read the records in '" + file + "': " + e, e);
    }
  }

  synchronized void append(String line) {
    try {
      writer.write(channel, line);
      lines++;
    } catch (IOException e) {
      failures++;
      // Once: whoever fills the disk may be the log.
      if (!incomplete) {
        LOG.error(
            "Records are not kept in {}, and a restart will not know them, until all can be written"
                + " anew; the first is {}",
            file,
            line,
            e);
      }
      incomplete = true;
    }
  }

  /** Whether a line is missing, so that all should be written anew. */
  synchronized boolean incomplete() {
    return incomplete;
  }

  /** How many lines there are, outdated ones included. */
  synchronized long lines() {
    return lines;
  }

  /** How many lines could not be written. */
  synchronized long failures() {
    return failures;
  }

  /**
   * As {@link #rewrite}, for a start: a server that keeps no records would not know its own
   * sandboxes after its end.
   *
   * @throws SandboxException when they cannot be written
   */
  synchronized void start(Collection<String> current) {
    try {
      replace(current);
    } catch (IOException e) {
      throw new SandboxException(
          "Cannot write records to '"
              + file.getParent()
              + "': "
              + e
              + ". Make room for them and make that folder writable for this server, or give it"
              + " another one: sandbeam serve --state=FOLDER",
          e);
    }
  }

  /** Puts these lines in the place of all others, at once or not at all; or logs why not. */
  synchronized void rewrite(Collection<String> current) {
    try {
      replace(current);
    } catch (IOException e) {
      failures++;
      if (!incomplete) {
        LOG.error("Records in {} not compacted, the old ones stay", file, e);
      }
    }
  }

  private void replace(Collection<String> current) throws IOException {
    Path fresh = file.resolveSibling("sandboxes.jsonl.new");
    Files.deleteIfExists(fresh);
    createPrivateFile(fresh);
    try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      LineWriter whole = new LineWriter();
      for (String line : current) {
        whole.write(out, line);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    channel.close();
    channel = openForAppend();
    lines = current.size();
    if (incomplete) {
      LOG.info("The records in {} are complete again", file);
    }
    incomplete = false;
  }

  @Override
  public synchronized void close() {
    try {
      channel.close();
      lockChannel.close();
    } catch (IOException e) {
      LOG.warn("Cannot close the records in {}", file, e);
    }
  }

  private FileChannel openForAppend() throws IOException {
    if (!Files.exists(file)) {
      createPrivateFile(file);
    }
    return disk.apply(FileChannel.open(file, StandardOpenOption.APPEND));
  }

  private static boolean locked(FileChannel lockChannel) throws IOException {
    try {
      FileLock lock = lockChannel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      LOG.debug("Held by another server of this JVM", e);
      return false;
    }
  }

  private static void createPrivate(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      if (isPosix(folder.getFileSystem())) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(folder);
      }
    }
  }

  private static void createPrivateFile(Path path) throws IOException {
    if (isPosix(path.getFileSystem())) {
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(path);
    }
  }

  private static boolean isPosix(FileSystem files) {
    return files.supportedFileAttributeViews().contains("posix");
  }
}
