package io.sandbeam.service.leased;

/** Takes what a command writes to one stream. Called by one thread at a time. */
public interface OutputSink {
  /** Takes a part of an array that is somebody else's afterwards. */
  void write(byte[] bytes, int offset, int length);
}
