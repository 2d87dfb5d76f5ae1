package io.sandbeam.service.docker;

import io.sandbeam.service.leased.OutputSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An archive on its way: a file of this process, for its user only, gone when it is closed. */
final class Spool implements OutputSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private final Path path;
  private final OutputStream out;
  private final long most;
  private long size;
  private boolean overfull;
  private String failure;

  private Spool(Path path, OutputStream out, long most) {
    this.path = path;
    this.out = out;
    this.most = most;
  }

  static Spool create(long most) throws IOException {
    Path path = Files.createTempFile("sandbeam-snapshot-", ".tar");
    return new Spool(path, Files.newOutputStream(path), most);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    overfull |= size + length > most;
    if (overfull || failure != null) {
      return;
    }
    try {
      out.write(bytes, offset, length);
      size += length;
    } catch (IOException e) {
      LOG.warn("{} cannot be written", path, e);
      failure = path + " cannot be written: " + e.getMessage();
    }
  }

  synchronized long size() {
    return size;
  }

  synchronized boolean isOverfull() {
    return overfull;
  }

  synchronized Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** From its beginning. */
  InputStream read() throws IOException {
    return Files.newInputStream(path);
  }

  @Override
  public synchronized void close() {
    try {
      out.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("{} is left behind", path, e);
    }
  }
}
