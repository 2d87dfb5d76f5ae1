package io.sandbeam.service.http;

import io.sandbeam.service.SandboxValidationException;
import java.util.Map;
import okhttp3.HttpUrl;

/** Where the API is: an address, else {@code CWSANDBOX_BASE_URL}, else CoreWeave's. */
final class BaseUrl {
  static final String VARIABLE = "CWSANDBOX_BASE_URL";

  /** Of the public SDKs. */
  static final String DEFAULT = "https://api.cwsandbox.com";

  private static final String SCHEME_ALONE = "https?(:/*)?";

  private BaseUrl() {}

  /**
   * @param address {@code https://host:port}; {@code https} or {@code http} alone leave it to the
   *     environment
   */
  static HttpUrl of(String address, Map<String, String> environment) {
    if (address.matches(SCHEME_ALONE)) {
      String named = environment.getOrDefault(VARIABLE, "").strip();
      return named.isEmpty() ? parse(DEFAULT, "service") : parse(named, VARIABLE);
    }
    return parse(address.strip(), "service");
  }

  /** Whether an address or the environment says where the API is. */
  static boolean isNamed(String address, Map<String, String> environment) {
    return !address.matches(SCHEME_ALONE) || !environment.getOrDefault(VARIABLE, "").isBlank();
  }

  private static HttpUrl parse(String text, String source) {
    HttpUrl url = HttpUrl.parse(text.replaceAll("/+$", ""));
    if (url == null || !text.matches("https?://.*")) {
      throw invalid(source, text, "it is not a URL that starts with http:// or https://");
    }
    if (!url.username().isEmpty() || !url.password().isEmpty()) {
      throw invalid(
          source,
          url.scheme() + "://***@" + url.host(),
          "it holds a user or password; the API key comes from " + ApiKey.VARIABLE);
    }
    boolean bare =
        url.encodedPath().equals("/") && url.encodedQuery() == null && url.fragment() == null;
    if (!bare) {
      throw invalid(source, text, "it has more than a host and a port; drop the path");
    }
    return url;
  }

  private static SandboxValidationException invalid(String source, String text, String why) {
    return new SandboxValidationException(
        source, "Invalid base URL '" + text + "' in " + source + ": " + why);
  }
}
