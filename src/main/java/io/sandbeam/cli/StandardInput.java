package io.sandbeam.cli;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxService;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is piped into the launcher, if anything is. */
final class StandardInput {
  private static final Path DESCRIPTOR = Path.of("/proc/self/fd/0");

  private StandardInput() {}

  /**
   * Everything that is piped in; nothing at a terminal.
   *
   * @throws IllegalArgumentException when it is more than one call to a service carries
   */
  static byte[] read(InputStream in) throws IOException {
    if (in == System.in && isDevice()) {
      return new byte[0];
    }
    byte[] bytes = in.readNBytes(SandboxService.MAX_FILE_BYTES + 1);
    if (bytes.length > SandboxService.MAX_FILE_BYTES) {
      throw new IllegalArgumentException(
          "standard input is larger than "
              + ByteSize.ofBytes(SandboxService.MAX_FILE_BYTES)
              + ", the most that a command is given");
    }
    return bytes;
  }

  /** A terminal or {@code /dev/null}: neither a file nor a pipe, so nothing to wait for. */
  @SuppressWarnings("SystemConsoleNull") // Elsewhere than on Linux; from Java 22 on, it then reads.
  private static boolean isDevice() throws IOException {
    if (!Files.isSymbolicLink(DESCRIPTOR)) {
      return System.console() != null;
    }
    return Files.readSymbolicLink(DESCRIPTOR).startsWith("/dev");
  }
}
