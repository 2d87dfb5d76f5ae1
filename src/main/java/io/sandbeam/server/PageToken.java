package io.sandbeam.server;

import io.sandbeam.service.SandboxValidationException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a page of a list starts. A list has two parts: what the service knows, by its own tokens,
 * then what only the ledger knows, by number. An entry is in one of them, so none comes twice, and
 * entries that come and go move no other.
 *
 * @param serviceToken the service's own; empty in the ledger's part and on the first page
 * @param afterNumber the last number before the page, in the ledger's part
 */
record PageToken(Optional<String> serviceToken, Optional<Long> afterNumber) {
  static final PageToken FIRST = new PageToken(Optional.empty(), Optional.empty());
  private static final Pattern LEDGER = Pattern.compile("l:(\\d{1,18})");

  static PageToken ofService(String token) {
    return new PageToken(Optional.of(token), Optional.empty());
  }

  static PageToken ofLedger(long afterNumber) {
    return new PageToken(Optional.empty(), Optional.of(afterNumber));
  }

  static PageToken parse(String text) {
    if (text.isEmpty()) {
      return FIRST;
    }
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      Matcher ledger = LEDGER.matcher(plain);
      if (ledger.matches()) {
        return ofLedger(Long.parseLong(ledger.group(1)));
      } else if (plain.startsWith("s:")) {
        return ofService(plain.substring(2));
      }
    } catch (IllegalArgumentException notBase64) {
      throw invalid();
    }
    throw invalid();
  }

  @Override
  public String toString() {
    String plain = afterNumber.map(n -> "l:" + n).orElseGet(() -> "s:" + serviceToken.orElse(""));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }

  static SandboxValidationException invalid() {
    return new SandboxValidationException(
        "pageToken", "Invalid pageToken: give the nextPageToken of the page before, unchanged");
  }
}
