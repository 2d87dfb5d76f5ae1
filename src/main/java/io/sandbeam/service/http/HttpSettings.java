package io.sandbeam.service.http;

import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import okhttp3.HttpUrl;

/**
 * How the client is set up. The settings by name:
 *
 * <ul>
 *   <li>{@code apiKeyFile}, {@code apiKeyVariable}: where the key is, see {@link ApiKey}
 *   <li>{@code caFile}: PEM certificates to trust besides the platform's
 *   <li>{@code image}: for specs that name none ({@code python:3.11})
 *   <li>{@code template}: of the service, which sandboxes are created from; specs then say only
 *       what differs from it, see {@link io.sandbeam.service.http.wire.OverridesMapping}, and
 *       {@code image} is for a spec that replaces the template's container and names none
 *   <li>{@code shell}: of the sandboxes ({@code /bin/sh}), or {@code none}
 *   <li>{@code concurrency}: commands in flight at once (1000); each holds one connection, or one
 *       stream of an HTTP/2 connection. A worker's own limit is usually lower
 *   <li>{@code maxSandboxes}: sandboxes of this client alive at once (no limit)
 *   <li>{@code createRate}: creates per second (no limit)
 *   <li>{@code callTimeout}: of every call but exec and files (30 s)
 *   <li>{@code retryBudget}: how long failing safe calls are repeated (30 s, as in the public SDKs)
 *   <li>{@code quotaBudget}: how long an exhausted quota is waited for, or a place of {@code
 *       maxSandboxes} while none goes round (30 min)
 * </ul>
 *
 * <p>Durations are written {@code 500ms}, {@code 30s}, {@code 10m} or ISO-8601.
 */
record HttpSettings(
    HttpUrl baseUrl,
    Optional<ApiKey> apiKey,
    Optional<String> caFile,
    Map<String, String> images,
    Optional<String> image,
    Optional<String> template,
    Optional<String> shell,
    int concurrency,
    int maxSandboxes,
    double createRate,
    Duration callTimeout,
    Duration retryBudget,
    Duration quotaBudget) {

  private static final Set<String> NAMES =
      Set.of(
          ApiKey.FILE_SETTING,
          ApiKey.VARIABLE_SETTING,
          "caFile",
          "image",
          "template",
          "shell",
          "concurrency",
          "maxSandboxes",
          "createRate",
          "callTimeout",
          "retryBudget",
          "quotaBudget");

  static HttpSettings of(ServiceConfig config, Map<String, String> environment) {
    Map<String, String> given = config.settings();
    given.keySet().stream()
        .filter(name -> !NAMES.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new SandboxValidationException(
                  name,
                  "Unknown setting '"
                      + name
                      + "' of an http service; it knows "
                      + new TreeSet<>(NAMES)
                      + (name.equals("apiKey")
                          ? "; a key is never a setting: use apiKeyFile"
                          : ""));
            });
    String shell = given.getOrDefault("shell", "/bin/sh");
    return new HttpSettings(
        BaseUrl.of(config.address(), environment),
        ApiKey.find(config, environment),
        Optional.ofNullable(given.get("caFile")),
        config.images(),
        text(given, "image"),
        text(given, "template"),
        shell.equals("none") ? Optional.empty() : Optional.of(shell),
        (int) number(given, "concurrency", 1000, 1, 10_000),
        (int) number(given, "maxSandboxes", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
        number(given, "createRate", Double.POSITIVE_INFINITY, 0.001, Double.POSITIVE_INFINITY),
        duration(given, "callTimeout", Duration.ofSeconds(30)),
        duration(given, "retryBudget", Duration.ofSeconds(30)),
        duration(given, "quotaBudget", Duration.ofMinutes(30)));
  }

  /** How long after its first failure a call may be tried again at the most. */
  Duration longestRepeating() {
    return quotaBudget.plus(retryBudget);
  }

  private static Optional<String> text(Map<String, String> given, String name) {
    Optional<String> text = Optional.ofNullable(given.get(name));
    if (text.isPresent() && text.get().isBlank()) {
      throw invalid(name, text.get(), "it is blank; leave the setting out", null);
    }
    return text;
  }

  private static double number(
      Map<String, String> given, String name, double otherwise, double least, double most) {
    String text = given.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      double value = Double.parseDouble(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw invalid(name, text, "it is not a number", e);
    }
    throw invalid(name, text, "it must be at least " + least, null);
  }

  private static Duration duration(Map<String, String> given, String name, Duration otherwise) {
    String text = given.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      Duration duration =
          text.endsWith("ms")
              ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
              : Duration.parse(text.startsWith("P") ? text : "PT" + text);
      if (!duration.isNegative() && !duration.isZero()) {
        return duration;
      }
    } catch (DateTimeParseException | NumberFormatException e) {
      throw invalid(name, text, "write it as 500ms, 30s or 10m", e);
    }
    throw invalid(name, text, "it must be above zero", null);
  }

  private static SandboxValidationException invalid(
      String name, String text, String rule, Throwable cause) {
    SandboxValidationException e =
        new SandboxValidationException(
            name, "Invalid setting " + name + " '" + text + "': " + rule);
    if (cause != null) {
      e.initCause(cause);
    }
    return e;
  }
}
