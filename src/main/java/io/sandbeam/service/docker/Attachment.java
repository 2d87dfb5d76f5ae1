package io.sandbeam.service.docker;

import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.sandbeam.service.leased.Channel;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The connection that a container is attached by. It is the lease: the engine closes the
 * container's standard input when it breaks.
 */
final class Attachment {
  private static final int HEADER = 8;
  private static final int LENGTH_AT = 4;

  /**
   * Before bytes, which cannot be asked for again as lines can: some shells lose an empty line when
   * processes end while they wait for it, but hardly ever two, and with the first that they get
   * they no longer listen to that.
   */
  private static final String EMPTY_LINES = "\n".repeat(16);

  private final Response response;
  private final ControlStream control;

  /** Takes what the container writes. Called by one thread. */
  interface Reader {
    /** The bytes are the reader's only until it returns. */
    void read(Channel channel, byte[] bytes, int length);
  }

  Attachment(Response response, ControlStream control) {
    this.response = response;
    this.control = control;
  }

  /**
   * One line, behind the empty one that process 1 waits for; false when the connection is closed.
   */
  boolean send(String line) {
    return control.send(utf8("\n" + line + "\n"));
  }

  /** A line and the bytes that it announces. */
  boolean send(String line, byte[] bytes) {
    return control.send(utf8(EMPTY_LINES + line + "\n"), bytes);
  }

  /** A part of what a line before announced; waits while much is still to be sent. */
  boolean sendPart(byte[] bytes) {
    return control.sendWhenThereIsRoom(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads until the container has closed its streams, or the connection is lost.
   *
   * @throws IOException when it is lost
   */
  void readAll(Reader reader) throws IOException {
    InputStream in = response.getBody();
    byte[] header = new byte[HEADER];
    byte[] buffer = new byte[64 * 1024];
    while (in.readNBytes(header, 0, HEADER) == HEADER) {
      Channel channel = header[0] == 2 ? Channel.ERR : Channel.OUT;
      int left = ByteBuffer.wrap(header).getInt(LENGTH_AT);
      while (left > 0) {
        int count = in.read(buffer, 0, Math.min(left, buffer.length));
        if (count < 0) {
          throw new EOFException("in the middle of a frame");
        }
        reader.read(channel, buffer, count);
        left -= count;
      }
    }
  }

  /** Ends the lease. */
  void close() {
    control.close();
    response.close();
  }
}
