package io.sandbeam.service.local;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads version numbers such as {@code 0.8.0} and {@code 6.1.0-18-amd64}. */
final class Version {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\.(\\d{1,9}).*");

  private Version() {}

  /** False for what is no version. */
  static boolean isAtLeast(String version, int major, int minor) {
    Matcher found = FORM.matcher(version);
    if (!found.matches()) {
      return false;
    }
    int foundMajor = Integer.parseInt(found.group(1));
    return foundMajor > major || (foundMajor == major && Integer.parseInt(found.group(2)) >= minor);
  }

  /** Since Linux 5.14 RLIMIT_NPROC counts a user's processes in each user namespace by itself. */
  static boolean kernelCountsProcessesByNamespace() {
    return isAtLeast(System.getProperty("os.version", ""), 5, 14);
  }
}
