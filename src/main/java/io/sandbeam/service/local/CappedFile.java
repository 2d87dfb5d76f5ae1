package io.sandbeam.service.local;

import io.sandbeam.service.SandboxSnapshotException.Reason;
import io.sandbeam.service.leased.OutputSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Takes an archive, up to the limit; what is above is read and dropped. */
final class CappedFile implements OutputSink {
  private final Path path;
  private final OutputStream out;
  private final long most;
  private long size;
  private String failure;

  CappedFile(Path path, long most) throws IOException {
    this.path = path;
    this.most = most;
    this.out = Files.newOutputStream(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    if (failure != null) {
      return;
    }
    size += length;
    if (size > most) {
      failure =
          Reason.SIZE_EXCEEDED
              + ": the archive is above "
              + most
              + " bytes (setting snapshot-size)";
      return;
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = path + " cannot be written: " + e;
    }
  }

  synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      failure = path + " cannot be written: " + e;
    }
  }

  synchronized long size() {
    return size;
  }

  synchronized String failure() {
    return failure;
  }
}
