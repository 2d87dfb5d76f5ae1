package io.sandbeam.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Appends lines to a file. A full disk takes a part of one: the next begins a line of its own, or
 * both could not be read. Not thread-safe.
 */
final class LineWriter {
  private boolean torn;

  void write(FileChannel out, String line) throws IOException {
    String whole = (torn ? "\n" : "") + line + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(whole.getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      torn = false;
    } finally {
      torn |= bytes.hasRemaining() && bytes.position() > 0;
    }
  }
}
