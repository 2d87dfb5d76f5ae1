package io.sandbeam.service.local;

import io.sandbeam.service.leased.OutputSink;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A named pipe of the host that a command in a sandbox writes to.
 *
 * <p>It is opened for reading and writing, so opening never waits for the other side, and nobody
 * has to wait for its end: a process in the background may hold it open for ever. What it holds is
 * asked for before it is read, so reading never waits either, and one thread can look after
 * hundreds. Its mode lets others only write; so nothing in the sandbox can take bytes away.
 */
final class Fifo implements AutoCloseable {
  private final Path path;
  private final RandomAccessFile file;
  private final FileInputStream input;

  private Fifo(Path path, RandomAccessFile file) throws IOException {
    this.path = path;
    this.file = file;
    this.input = new FileInputStream(file.getFD());
  }

  static Fifo open(Path path) throws IOException {
    Fifo fifo = new Fifo(path, new RandomAccessFile(path.toFile(), "rw"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("-w--w--w-"));
    return fifo;
  }

  Path path() {
    return path;
  }

  /** The same pipe under another name. */
  Fifo movedTo(Path target) throws IOException {
    Files.move(path, target);
    return new Fifo(target, file);
  }

  /** Reads what is there, at most about {@code most} bytes, and says how much that was. */
  long drain(OutputSink sink, byte[] buffer, long most) throws IOException {
    long total = 0;
    while (total < most) {
      int ready = input.available();
      if (ready == 0) {
        break;
      }
      int length = file.read(buffer, 0, Math.min(ready, buffer.length));
      sink.write(buffer, 0, length);
      total += length;
    }
    return total;
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.deleteIfExists(path);
  }
}
