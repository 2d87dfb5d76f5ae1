package io.sandbeam.testing;

import io.sandbeam.service.SandboxValidationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a page of a list starts.
 *
 * @param after the number of the last entry before it
 * @param list which list it belongs to, so that all its pages know the same
 */
record PageToken(long after, long list) {
  private static final Pattern WRITTEN = Pattern.compile("after-(\\d{1,18})-of-(\\d{1,18})");

  static PageToken parse(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    if (!matcher.matches()) {
      throw new SandboxValidationException(
          "pageToken", "Invalid page token '" + text + "': use the one of the page before");
    }
    return new PageToken(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
  }

  @Override
  public String toString() {
    return "after-" + after + "-of-" + list;
  }
}
