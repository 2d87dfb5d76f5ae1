package io.sandbeam.service.docker;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** What a client sends to process 1, less the lines that get lost; bytes between lines are kept. */
final class LossyLines {
  private final Predicate<String> lost;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long raw;

  LossyLines(Predicate<String> lost) {
    this.lost = lost;
  }

  /** What of these bytes arrives, now that they have come. */
  byte[] pass(byte[] bytes, int count) {
    ByteArrayOutputStream passed = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      if (raw > 0) {
        raw--;
        passed.write(bytes[i]);
        continue;
      }
      line.write(bytes[i]);
      if (bytes[i] == '\n') {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || !lost.test(text)) {
          passed.writeBytes(line.toByteArray());
          raw = bytesBehind(text.split(" ", -1));
        }
        line.reset();
      }
    }
    return passed.toByteArray();
  }

  private static long bytesBehind(String[] words) {
    return switch (words[0]) {
      case "b" -> Long.parseLong(words[1]);
      case "u" -> Long.parseLong(words[3]);
      default -> 0;
    };
  }
}
