package io.sandbeam.service.http.wire;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Whether text is Unicode. What is not would reach a command or a file's name as something else.
 */
public final class Unicode {
  /** The length of {@link #startsWithMark}'s mark. */
  static final int MARK_BYTES = 3;

  private static final int CHUNK = 8192;

  private Unicode() {}

  /** The text, when all of it is well-formed UTF-8. */
  public static Optional<String> ofUtf8(byte[] bytes) {
    return isUtf8(bytes)
        ? Optional.of(new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /** Whether all of it is well-formed UTF-8; nothing is copied. */
  static boolean isUtf8(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(CHUNK);
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      out.clear();
      result = decoder.decode(in, out, true);
    }
    return !result.isError();
  }

  /** Whether a byte order mark is in front, as some editors and servers put it there. */
  static boolean startsWithMark(byte[] bytes) {
    return bytes.length >= MARK_BYTES
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  /** Whether every surrogate has its other half: an escape in JSON can bring one alone. */
  static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
