package io.sandbeam.transforms;

import java.security.SecureRandom;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names of jobs: {@code [a-z0-9][a-z0-9-]{0,39}}. One is minted once, where the pipeline is built,
 * and travels inside the transforms: pipeline options are read anew on every worker, and a default
 * that nobody read before the submission would give each worker another name.
 */
final class JobId {
  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
  private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int RANDOM_LENGTH = 8;
  private static final int NAME_LENGTH = 40 - RANDOM_LENGTH - 1;
  private static final SecureRandom RANDOM = new SecureRandom();

  private JobId() {}

  /**
   * The id itself when it is valid.
   *
   * @throws IllegalArgumentException with the value and the rule
   */
  static String require(String id) {
    if (id == null || !VALID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "Invalid job id "
              + (id == null ? "null" : "'" + id + "'")
              + ": a job id has 1 to 40 characters of a-z 0-9 -, the first one a letter or digit");
    }
    return id;
  }

  /** The name, made to fit, and 8 random characters: no two runs share an id. */
  static String mint(String jobName) {
    String name =
        jobName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
    if (name.length() > NAME_LENGTH) {
      name = name.substring(0, NAME_LENGTH);
    }
    name = name.replaceAll("-+$", "");
    StringBuilder id = new StringBuilder(name.isEmpty() ? "job" : name).append('-');
    for (int i = 0; i < RANDOM_LENGTH; i++) {
      id.append(BASE32.charAt(RANDOM.nextInt(BASE32.length())));
    }
    return id.toString();
  }
}
