package io.sandbeam.service.leased;

import io.sandbeam.service.ExecResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps the first bytes of a stream and counts all. Thread-safe. */
public final class KeptOutput implements OutputSink {
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream(128);
  private final int most;
  private long produced;

  /**
   * @param most how many bytes are kept
   */
  public KeptOutput(int most) {
    this.most = most;
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    kept.write(bytes, offset, Math.min(length, most - kept.size()));
    produced += length;
  }

  /** What came so far. */
  public synchronized ExecResult.Output output() {
    return new ExecResult.Output(kept.toByteArray(), produced);
  }

  /** What was kept, for messages. */
  public synchronized String text() {
    return kept.toString(StandardCharsets.UTF_8).strip();
  }
}
