package io.sandbeam.service.local;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The form of this service's ids: {@code sb-}, the time of creation in milliseconds (12 hex
 * digits), a dash, 64 random bits. Ids sort by age, which makes a list's page token a position.
 */
final class SandboxId {
  private static final Pattern FORM = Pattern.compile("sb-[0-9a-f]{12}-[0-9a-f]{16}");
  private static final Pattern SNAPSHOT_FORM = Pattern.compile("snap-[0-9a-f]{12}-[0-9a-f]{16}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private SandboxId() {}

  static String mint(Instant now) {
    return "sb-" + position(now);
  }

  static String mintSnapshot(Instant now) {
    return "snap-" + position(now);
  }

  /** Whether this can be one of our ids; nothing else may become part of a path. */
  static boolean isValid(String id) {
    return id != null && FORM.matcher(id).matches();
  }

  static boolean isValidSnapshot(String id) {
    return id != null && SNAPSHOT_FORM.matcher(id).matches();
  }

  static String random() {
    return HexFormat.of().toHexDigits(RANDOM.nextLong());
  }

  private static String position(Instant now) {
    return HexFormat.of().toHexDigits(now.toEpochMilli(), 12) + "-" + random();
  }
}
