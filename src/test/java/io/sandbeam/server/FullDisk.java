package io.sandbeam.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;

/** A file on a disk that has room for so many bytes, and takes a part of what is too long. */
final class FullDisk extends FileChannel {
  private final FileChannel file;
  private final AtomicInteger room;

  FullDisk(FileChannel file, AtomicInteger room) {
    this.file = file;
    this.room = room;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    if (room.get() == 0) {
      throw new IOException("No space left on device");
    }
    ByteBuffer part = bytes.slice(bytes.position(), Math.min(room.get(), bytes.remaining()));
    int written = file.write(part);
    bytes.position(bytes.position() + written);
    room.addAndGet(-written);
    return written;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  @Override
  public long write(ByteBuffer[] all, int from, int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer bytes, long at) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer into) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] into, int from, int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer into, long at) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel position(long at) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel truncate(long to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void force(boolean all) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long at, long count, WritableByteChannel to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long at, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long at, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long at, long count, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock tryLock(long at, long count, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
