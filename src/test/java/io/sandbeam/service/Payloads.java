package io.sandbeam.service;

import java.util.Random;

/** Bytes that lose something when they are treated as text. */
final class Payloads {
  private Payloads() {}

  /** All 256 values, in order, and back again. */
  static byte[] everyByte() {
    byte[] bytes = new byte[512];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i < 256 ? i : 511 - i);
    }
    return bytes;
  }

  /** The same bytes for the same seed. */
  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Text of the characters that shells, splitters and encoders stumble over; never NUL. */
  static String awkwardText(Random random, int longest) {
    String alphabet = " \t\n\r'\"`$\\*?[]{}~!#&|;<>()=-%@aZ09éß✓𝄞\u0001\u007f\u2028\ufeff";
    int[] points = alphabet.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(longest + 1);
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }
}
