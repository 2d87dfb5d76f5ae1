package io.sandbeam.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of a token file: whose token, what it may reach, and a salted SHA-256 of it. A token has
 * 256 random bits, so there is nothing to guess and a slow password hash would buy nothing; the
 * salt keeps equal lines of two files from being recognised.
 */
record TokenEntry(Caller caller, byte[] salt, byte[] hash) {
  private static final String PREFIX = "sbm-";
  private static final int SECRET_BYTES = 32;
  private static final int SALT_BYTES = 16;
  private static final Pattern LINE =
      Pattern.compile("(\\S+)\\s+(user|admin)\\s+sha256:([0-9a-f]{32}):([0-9a-f]{64})");

  /** A new random token: what is given to the caller, and kept nowhere. */
  static String mint(SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  static TokenEntry of(Caller caller, String token, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return new TokenEntry(caller, salt, hash(salt, token));
  }

  /**
   * Reads one line.
   *
   * @throws IllegalArgumentException with the rule it breaks; the line itself is not shown, it may
   *     be a token that somebody pasted
   */
  static TokenEntry parse(String line) {
    Matcher matcher = LINE.matcher(line.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a line reads: name, 'user' or 'admin', sha256:SALT:HASH, as `sandbeam token` writes it");
    }
    return new TokenEntry(
        new Caller(matcher.group(1), Role.valueOf(matcher.group(2).toUpperCase(Locale.ROOT))),
        HexFormat.of().parseHex(matcher.group(3)),
        HexFormat.of().parseHex(matcher.group(4)));
  }

  String line() {
    HexFormat hex = HexFormat.of();
    return caller.name()
        + " "
        + caller.role().written()
        + " sha256:"
        + hex.formatHex(salt)
        + ":"
        + hex.formatHex(hash);
  }

  /** Whether this is its token; takes the same time whatever the answer. */
  boolean matches(String token) {
    return MessageDigest.isEqual(hash, hash(salt, token));
  }

  /** Whether both are of one token, whoever has it and whatever it may reach. */
  boolean isOfSameToken(TokenEntry other) {
    return Arrays.equals(salt, other.salt) && Arrays.equals(hash, other.hash);
  }

  /** For logs: no hash. */
  @Override
  public String toString() {
    return "TokenEntry{" + caller.name() + ", " + caller.role() + "}";
  }

  private static byte[] hash(byte[] salt, String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return digest.digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
