package io.sandbeam.service.docker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Random words and hashes. */
final class Secret {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int HASH_LENGTH = 40;

  private Secret() {}

  /** 32 characters that nobody can foresee. */
  static String random() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A mark for a stream. */
  static String mark() {
    return OutputScanner.MARK + random();
  }

  /** 40 characters that stand for a text. */
  static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
