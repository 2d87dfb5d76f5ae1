package io.sandbeam.service.local;

import io.sandbeam.service.ExecResult;
import java.io.ByteArrayOutputStream;

/** Keeps the first bytes of a stream and counts all. */
final class KeptOutput implements OutputSink {
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream(256);
  private final int most;
  private long produced;

  KeptOutput(int most) {
    this.most = most;
  }

  @Override
  public synchronized void write(byte[] bytes, int length) {
    kept.write(bytes, 0, Math.min(length, most - kept.size()));
    produced += length;
  }

  synchronized ExecResult.Output output() {
    return new ExecResult.Output(kept.toByteArray(), produced);
  }
}
