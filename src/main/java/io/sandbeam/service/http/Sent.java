package io.sandbeam.service.http;

import okhttp3.Call;
import okhttp3.EventListener;

/** Whether a request may have left: until then, asking again is safe for every call. */
final class Sent {
  private volatile boolean left;

  boolean perhaps() {
    return left;
  }

  /** Marks the {@link Sent} of each call as its request goes out. */
  static EventListener.Factory listener() {
    return call -> new Marker();
  }

  private static final class Marker extends EventListener {
    @Override
    public void requestHeadersStart(Call call) {
      Sent sent = call.request().tag(Sent.class);
      if (sent != null) {
        sent.left = true;
      }
    }
  }
}
