package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a small program of this machine and keeps what it says. */
final class HostProgram {
  private static final long LIMIT_SECONDS = 20;
  private static final int MOST_BYTES = 4096;

  private HostProgram() {}

  /** What a program said, on both streams. */
  record Said(int exitCode, String text) {}

  static Said run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text =
        new String(process.getInputStream().readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Said(-1, command.get(0) + " did not end within " + LIMIT_SECONDS + " s");
      }
      return new Said(process.exitValue(), text);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + command.get(0) + " ran", e);
    }
  }
}
