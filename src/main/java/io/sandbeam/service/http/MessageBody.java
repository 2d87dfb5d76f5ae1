package io.sandbeam.service.http;

import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.V1;
import java.io.IOException;
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
  static final RequestBody EMPTY = new MessageBody(null, new byte[0]);

  private final Record message;
  private final byte[] json;

  private MessageBody(Record message, byte[] json) {
    this.message = message;
    this.json = json;
  }

  /** A file's content is written as it goes, and never held as JSON. */
  static RequestBody of(Record message) {
    return message instanceof V1.WriteFileRequest
        ? new MessageBody(message, null)
        : new MessageBody(message, ProtoJson.write(message));
  }

  @Override
  public MediaType contentType() {
    return message == null ? null : JSON;
  }

  @Override
  public long contentLength() {
    return json == null ? -1 : json.length;
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
