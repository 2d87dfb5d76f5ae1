package io.sandbeam.service.http;

import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.V1;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/**
 * The body of a request. One-shot: whether a request is sent again is decided by us, never by the
 * HTTP client beneath, which does not know what is safe.
 */
final class MessageBody extends RequestBody {
  private static final MediaType JSON = MediaType.get("application/json");

  /** For deletes, which have none. */
  static final RequestBody EMPTY = new MessageBody(null, new byte[0], 0);

  /** What is longer is written as it goes, and never held as JSON. */
  private static final int HELD = 64 << 10;

  private final Record message;
  private final byte[] json;
  private final long length;

  private MessageBody(Record message, byte[] json, long length) {
    this.message = message;
    this.json = json;
    this.length = length;
  }

  static RequestBody of(Record message) {
    if (message instanceof V1.WriteFileRequest file && file.content().length > HELD) {
      return new MessageBody(message, null, measure(message));
    }
    byte[] json = ProtoJson.write(message);
    return new MessageBody(message, json, json.length);
  }

  /** Written twice, it is nowhere whole; and a server is told the length before it takes it. */
  private static long measure(Record message) {
    Counting counting = new Counting();
    try {
      ProtoJson.write(message, counting);
    } catch (IOException e) {
      throw new UncheckedIOException("counting cannot fail", e);
    }
    return counting.bytes;
  }

  private static final class Counting extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] some, int offset, int count) {
      bytes += count;
    }
  }

  @Override
  public MediaType contentType() {
    return message == null ? null : JSON;
  }

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public boolean isOneShot() {
    return true;
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    if (json == null) {
      ProtoJson.write(message, sink.outputStream());
    } else {
      sink.write(json);
    }
  }
}
