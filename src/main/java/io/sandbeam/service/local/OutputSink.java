package io.sandbeam.service.local;

import java.io.IOException;

/** Takes what a command writes to one stream. Called by one thread at a time. */
interface OutputSink {
  void write(byte[] bytes, int length) throws IOException;
}
