package io.sandbeam.service.docker;

/** Takes what a command writes to one stream. Called by one thread at a time. */
interface OutputSink {
  void write(byte[] bytes, int offset, int length);
}
